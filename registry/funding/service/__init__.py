"""Writes what is funded: programme files, and grants."""

from registry.funding.service.grants import GrantEdit, edit_grant
from registry.funding.service.programmes import Loaded, load_programmes, read_programme_file

__all__ = ["GrantEdit", "Loaded", "edit_grant", "load_programmes", "read_programme_file"]
