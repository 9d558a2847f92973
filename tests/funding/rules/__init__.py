"""Tests of the rules of money."""
