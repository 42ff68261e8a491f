"""The gateway's state of users and items, in SQLite or Redis."""
