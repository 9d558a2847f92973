"""Verdicts in, intervals, outages, uptime and metrics out."""
