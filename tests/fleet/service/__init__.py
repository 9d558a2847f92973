"""Tests of what writes the fleet."""
