"""Loading the forces file."""
