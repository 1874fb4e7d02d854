"""Pure rules of the pages of administrators and auditors."""
