"""Work owed to case systems, in the same transaction as its cause."""
