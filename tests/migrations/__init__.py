"""Tests of what migrations carry over."""
