"""Finds the model that answers people now, to compare a candidate with.

Not the one that was blessed last: the ServingValidator may have refused it,
or somebody may have gone back to an older version since.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2
from tfx import types
from tfx.dsl.components.common.resolver import ResolverStrategy
from tfx.orchestration.portable.input_resolution import exceptions
from tfx.types import standard_artifacts
from tfx.utils import path_utils

from schemas.model_facts import find_model_facts
from serving.version_labels import find_served_version
from serving.version_pins import read_version_pins

_logger = logging.getLogger(__name__)

MODEL_KEY = "model"
PUSHED_MODEL_KEY = "pushed_model"


class ServedModelStrategy(ResolverStrategy):
    """Resolves the Model that was pushed as the version now served.

    Which version that is, the serving directory and its labels say, or the
    servers' configs. Which Model it was made from, ML Metadata says: the
    input of the Pusher's execution.

    The two models are compared by the ranks that each one's own graph
    computes. Where one of them ranks what people had met and the other does
    not, these are answers to two questions: then there is no baseline.
    """

    def __init__(
        self,
        base_path: str,
        repeats: bool,
        server_configs: Sequence[str] = (),
        is_required: bool = True,
    ):
        """Keeps the settings; nothing is read yet.

        Args:
            base_path: the directory of the versions, `<serving_uri>/<model>`.
            repeats: `dataset.repeats` of the candidate.
            server_configs: `pusher.server_configs`.
            is_required: whether a threshold compares with the served model,
                so that its absence would switch the threshold off.
        """
        self._base_path = Path(base_path)
        self._repeats = repeats
        self._server_configs = server_configs
        self._is_required = is_required

    def resolve_artifacts(
        self,
        store: mlmd.MetadataStore,
        input_dict: dict[str, list[types.Artifact]],
    ) -> dict[str, list[types.Artifact]]:
        """Called by TFX.

        Args:
            store: ML Metadata.
            input_dict: all Model artifacts as `model`, all PushedModel
                artifacts as `pushed_model`; what else comes is passed on.

        Returns:
            One of each, or none: nothing is served, or its ranks cannot be
            compared.

        Raises:
            FailedPreconditionError: the Model of the version that is served
                is gone, or it cannot be read which one is served. TFX shows
                the message of its own errors alone.
        """
        nothing = input_dict | {MODEL_KEY: [], PUSHED_MODEL_KEY: []}
        try:
            served = self._find_served()
            if served is None:
                _logger.info("Nothing is served: there is no baseline.")
                return nothing
            found = _find_push(store, input_dict, served)
            if found is None:
                self._miss(served)
                return nothing
            model, push = found
            if not self._is_comparable(model, served):
                return nothing
        except ValueError as error:
            raise exceptions.FailedPreconditionError(str(error)) from error
        return input_dict | {MODEL_KEY: [model], PUSHED_MODEL_KEY: [push]}

    def _find_served(self) -> Path | None:
        if not self._base_path.is_dir():
            return None
        pins = read_version_pins(self._base_path.name, self._server_configs)
        return find_served_version(self._base_path, pins.served)

    def _miss(self, served: Path) -> None:
        """Fails, or warns where nobody asked for a comparison."""
        gone = (
            f"version {served.name} of {served.parent} is served, but the Model"
            " that it was pushed from is in neither the metadata nor the"
            " pipeline root"
        )
        if self._is_required:
            raise ValueError(
                "a version that is served must have been pushed by this"
                " pipeline, or `may_worsen_by` cannot be checked. Received:"
                f" {gone}. Give a version that this pipeline pushed the label"
                " `stable` (`tastemaker label`), or, for one run, leave"
                " `may_worsen_by` out of all `evaluator.thresholds`."
            )
        _logger.warning("There is no baseline: %s.", gone)

    def _is_comparable(self, model: types.Artifact, served: Path) -> bool:
        facts = find_model_facts(Path(path_utils.serving_model_path(model.uri)))
        if facts is not None and facts.repeats == self._repeats:
            return True
        said = "nothing" if facts is None else facts.repeats
        _logger.warning(
            "There is no baseline, and `may_worsen_by` is not checked: the"
            " ranks of two models can be compared where both have the same"
            " `dataset.repeats`. The candidate has %s, the served version %s"
            " says %s.",
            self._repeats,
            served.name,
            said,
        )
        return False


def _find_push(
    store: mlmd.MetadataStore,
    input_dict: dict[str, list[types.Artifact]],
    served: Path,
) -> tuple[types.Artifact, types.Artifact] | None:
    """Finds the Model and the PushedModel of a version."""
    models = {model.id: model for model in input_dict[MODEL_KEY]}
    pushes = sorted(
        input_dict[PUSHED_MODEL_KEY], key=lambda a: a.id, reverse=True
    )
    for push in pushes:
        if not _is_push_of(push, served):
            continue
        for model_id in _list_inputs(store, push):
            model = models.get(model_id)
            if model is not None and Path(model.uri).is_dir():
                return model, push
    return None


def _is_push_of(push: standard_artifacts.PushedModel, version: Path) -> bool:
    if push.get_int_custom_property("pushed") != 1:
        return False
    pushed_to = Path(push.get_string_custom_property("pushed_destination"))
    return pushed_to.name == version.name and (
        pushed_to.parent.name == version.parent.name
    )


def _list_inputs(store: mlmd.MetadataStore, push: types.Artifact) -> list[int]:
    """Lists the ids of what the execution read that wrote an artifact."""
    kinds = metadata_store_pb2.Event
    executions = [
        event.execution_id
        for event in store.get_events_by_artifact_ids([push.id])
        if event.type == kinds.OUTPUT
    ]
    if not executions:
        return []
    return [
        event.artifact_id
        for event in store.get_events_by_execution_ids(executions)
        if event.type == kinds.INPUT
    ]
