"""Model code: preprocessing, text backbone, towers, tasks, export."""

import schemas  # noqa: F401  (picks the Keras version before TensorFlow loads)
