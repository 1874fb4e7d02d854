"""What administrators and auditors see."""
