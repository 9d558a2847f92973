"""Sites, cameras, devices and their credentials; the sheet that imports them."""
