"""Query tower, candidate tower, and the model that holds both."""
