"""Steps of the promise to pay."""
