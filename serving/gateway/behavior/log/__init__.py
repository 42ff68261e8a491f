"""The append-only log of what people did and were shown."""
