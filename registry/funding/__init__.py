"""Programmes, campaigns, envelope votes and grants."""
