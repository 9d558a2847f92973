"""A million odd replies for the readers, run by hand: `python -m tests.fuzz`."""
