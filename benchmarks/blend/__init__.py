"""Settings of the blend, tried on queries held out of the training part."""
