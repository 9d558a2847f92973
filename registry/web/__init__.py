"""What every page shares: rendering, errors, access, security, assets."""
