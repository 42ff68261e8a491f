"""How a slate is made: query, model or stand-in, order."""
