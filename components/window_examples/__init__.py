"""Reads and writes window examples (schemas/events.py); no other code does."""
