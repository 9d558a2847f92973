"""Tests of funding tables."""
