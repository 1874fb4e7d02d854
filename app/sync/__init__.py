"""What goes between the portal and the forces' case systems: the port, its adapters, delivery."""
