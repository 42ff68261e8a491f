"""Finds the items with the largest scores."""
