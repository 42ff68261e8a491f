"""What every stage must agree on: fields, artifact types, signatures.

Import this package first. Then Keras 3 (text backbone) and tf-keras (TFRS
towers) work in one process: TensorFlow reads the variables below when it is
imported. Source: keras.io/getting_started, "TensorFlow + Keras 2 backwards
compatibility"; TFRS 0.7.7 refuses to run otherwise.
"""

import importlib
import os

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")


def __getattr__(name: str) -> type:
    """Returns an artifact type; TFX is imported only when one is used.

    On Kubeflow, TFX imports a custom artifact's class by its type name, which
    may hold one dot only: `schemas.Catalog`, not its module's full path.
    """
    if name in ("BehaviorReport", "Catalog", "ItemVectors", "Rejects"):
        return getattr(
            importlib.import_module(f"{__name__}.artifact_types"), name
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
