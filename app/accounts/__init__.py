"""The people: victims, officers and their addresses."""
