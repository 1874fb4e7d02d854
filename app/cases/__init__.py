"""Cases: what the case system says of them, and who may be in."""
