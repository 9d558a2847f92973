"""What is said to an ONVIF device, and what it may answer."""
