"""Configuration, pipeline definition, runners and the command line."""

import schemas  # noqa: F401  (picks the Keras version before TensorFlow loads)
