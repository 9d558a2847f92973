"""Reference data on French territory, shipped with its licence."""
