"""What a person needs to try the portal: a fictional force, its people and its case system."""
