"""The questions a probe asks, one file each."""
