"""Linear item-item models of co-occurrence and order."""
