"""Tests of the forms of funding."""
