"""Tests of what writes funding."""
