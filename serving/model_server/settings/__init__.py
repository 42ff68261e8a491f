"""Flags, options and config files of the server."""
