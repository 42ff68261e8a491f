"""Finds the model and version that a request names (SERVING rules L-*)."""

import contextlib
from collections.abc import Iterator
from collections.abc import Mapping

from serving.model_server.serving_error import invalid_argument
from serving.model_server.versions.model_handle import ModelHandle
from serving.model_server.versions.served_model import ServedModel
from serving.model_server.versions.served_model import describe_absence
from serving.protos import model_pb2

DEFAULT_SIGNATURE = "serving_default"


def require_model_spec(request) -> None:
    """Checks that a request has a `model_spec` at all.

    Raises:
        ServingError: it has none.
    """
    if not request.HasField("model_spec"):
        raise invalid_argument("Missing ModelSpec")


def name_signature(spec: model_pb2.ModelSpec) -> str:
    """Returns the name of the signature that a request selects."""
    return spec.signature_name or DEFAULT_SIGNATURE


def answer_model_spec(
    spec: model_pb2.ModelSpec, version: int
) -> model_pb2.ModelSpec:
    """Builds the model spec of an answer (SERVING rules P-02, C-07).

    Args:
        spec: as asked.
        version: that answered.

    Returns:
        The name as asked, the signature and the version filled in; no label.
    """
    answered = model_pb2.ModelSpec(
        name=spec.name, signature_name=name_signature(spec)
    )
    answered.version.value = version
    return answered


@contextlib.contextmanager
def find_model(
    models: Mapping[str, ServedModel], spec: model_pb2.ModelSpec
) -> Iterator[ModelHandle]:
    """Keeps the version that `spec` names loaded while the block runs.

    A version in the spec counts, even if it is 0. A label is looked up
    before the model itself.

    Raises:
        ServingError: no name, unknown model, version or label.
    """
    name = spec.name
    if not name:
        raise invalid_argument("ModelSpec has no name specified.")
    choice = spec.WhichOneof("version_choice")
    model = models.get(name)
    version = None
    if choice == "version":
        version = spec.version.value
    elif choice == "version_label":
        version = resolve_label(model, spec.version_label)
    if model is None:
        raise describe_absence(name, version)
    with model.use(version) as handle:
        yield handle


def resolve_label(model: ServedModel | None, label: str) -> int:
    """Returns the version that a label of a model means.

    Raises:
        ServingError: the model is unknown, or has no such label.
    """
    version = None if model is None else model.labels.get(label)
    if version is None:
        raise invalid_argument(f"Unrecognized servable version label: {label}")
    return version
