"""The score of an item: towers, linear models, priors and their blend."""
