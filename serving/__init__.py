"""Model server, client and gateway; they never import the trainer."""

import schemas  # noqa: F401  (picks the Keras version before TensorFlow loads)
