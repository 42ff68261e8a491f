"""Finds the model and version that a request names (SERVING rules L-*)."""

import contextlib
from collections.abc import Iterator
from collections.abc import Mapping

from serving.model_server.model_handle import ModelHandle
from serving.model_server.served_model import ServedModel
from serving.model_server.served_model import describe_absence
from serving.model_server.serving_error import invalid_argument
from serving.protos import model_pb2


def require_model_spec(request) -> None:
    """Checks that a request has a `model_spec` at all.

    Raises:
        ServingError: it has none.
    """
    if not request.HasField("model_spec"):
        raise invalid_argument("Missing ModelSpec")


@contextlib.contextmanager
def find_model(
    models: Mapping[str, ServedModel], spec: model_pb2.ModelSpec
) -> Iterator[ModelHandle]:
    """Holds the version that `spec` names while the block runs.

    A version that is present is meant, even if it is 0. Labels come from a
    model config file, which this server does not read yet, so that none is
    known.

    Raises:
        ServingError: no name, unknown model, version or label.
    """
    if not spec.name:
        raise invalid_argument("ModelSpec has no name specified.")
    choice = spec.WhichOneof("version_choice")
    if choice == "version_label":
        raise invalid_argument(
            f"Unrecognized servable version label: {spec.version_label}"
        )
    version = spec.version.value if choice == "version" else None
    if spec.name not in models:
        raise describe_absence(spec.name, version)
    with models[spec.name].use(version) as handle:
        yield handle
