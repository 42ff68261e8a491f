"""The tasks that the towers learn."""
