"""What holds over the whole application, however much is added to it."""
