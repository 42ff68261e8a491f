"""Reads behaviour logs and writes history windows, catalog and rejects."""
