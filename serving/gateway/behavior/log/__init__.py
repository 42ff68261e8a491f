"""The append-only log of events and slates."""
