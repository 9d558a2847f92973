"""Whole flows, through real processes, as a newcomer would walk them."""
