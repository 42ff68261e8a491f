"""Custom TFX components, one folder each."""

import schemas  # noqa: F401  (picks the Keras version before TensorFlow loads)
