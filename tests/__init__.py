"""Tests that mirror the code, flows that cross it, benches that are run by hand."""
