"""How well we predict ratings, beside peers."""
