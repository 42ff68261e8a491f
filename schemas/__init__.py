"""What every stage must agree on: fields, artifact types, signatures.

Importing this package first is what lets Keras 3 (text backbone) and tf-keras
(TFRS towers) live in one process: TensorFlow reads the variables below when
it is imported. Source: keras.io/getting_started, "TensorFlow + Keras 2
backwards compatibility"; TFRS 0.7.7 refuses to run otherwise.
"""

import os

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
