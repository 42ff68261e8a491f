"""Who may ask the gateway, how much, and what is told about it."""
