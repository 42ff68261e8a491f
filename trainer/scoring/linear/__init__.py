"""Linear item-item models: what tends to be met together, and in what order."""
