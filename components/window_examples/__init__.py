"""Window examples (schemas/events.py): how all code writes and reads them."""
