"""Measures what the project claims about speed; run by hand, never by the suite."""
