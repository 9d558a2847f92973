"""The service as processes: the web server, the monitor, and who watches over them."""
