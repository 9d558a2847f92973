"""Speaks HTTP/1.1 with one device: two questions, one connection, every bound kept."""
