"""Speed and memory, measured beside the bare library in one interleaved run."""
