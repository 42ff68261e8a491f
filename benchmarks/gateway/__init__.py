"""The gateway under load, kills and in a browser."""
