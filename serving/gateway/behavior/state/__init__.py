"""What the gateway remembers of users and items, in SQLite or Redis."""
