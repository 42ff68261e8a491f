"""What adapting the backbone costs and brings."""
