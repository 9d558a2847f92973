"""Files for tests and the demonstration, and the scripts that write them."""
