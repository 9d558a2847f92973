"""Asks cameras how they are, over ONVIF, and never for an image."""
