"""Tests of the pages of funding."""
