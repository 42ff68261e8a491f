"""How well we recommend, beside peers."""
