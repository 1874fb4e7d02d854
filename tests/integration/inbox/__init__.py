"""What people of the force do besides answering."""
