"""From files to typed tables; rows that cannot be used come out beside."""
