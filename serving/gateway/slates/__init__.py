"""Makes slates: query, model or stand-in, order."""
