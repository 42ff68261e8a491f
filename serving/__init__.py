"""Model server and client: load a SavedModel by path, know no trainer."""

import schemas  # noqa: F401  (picks the Keras version before TensorFlow loads)
