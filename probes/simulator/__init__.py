"""Cameras that answer, lie and stall: for the demo, the tests and the benches."""
