"""Pages of the audit: grants, and the journal."""

from registry.audit.views.grants import bp

__all__ = ["bp"]
