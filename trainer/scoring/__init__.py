"""One score per item: towers, linear models, priors and their blend."""
