"""Rules and findings on funded cameras, and the pages that show a grant's evidence."""
