"""Facts for the rules: what the tables hold, brought into the plain values that the domain takes."""
