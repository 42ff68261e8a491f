"""Reads files into typed tables and lists the rows that cannot be used."""
