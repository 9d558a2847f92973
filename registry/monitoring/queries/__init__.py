"""What the database knows of standings, of time, and of pages with health in them."""
