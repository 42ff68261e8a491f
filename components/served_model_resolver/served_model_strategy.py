"""Finds the model that answers people now, to compare a candidate with.

Not the one that was blessed last: the ServingValidator may have refused it,
or somebody may have gone back to an older version since.
"""

import logging
from pathlib import Path

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2
from tfx import types
from tfx.dsl.components.common.resolver import ResolverStrategy
from tfx.types import standard_artifacts

from serving.version_labels import find_served_version

_logger = logging.getLogger(__name__)

MODEL_KEY = "model"
PUSHED_MODEL_KEY = "pushed_model"


class ServedModelStrategy(ResolverStrategy):
    """Resolves the Model that was pushed as the version now served.

    Which version that is, the serving directory and its labels say. Which
    Model it was made from, ML Metadata says: the input of the Pusher's
    execution.
    """

    def __init__(self, base_path: str):
        """Keeps the directory of the versions, `<serving_uri>/<model>`."""
        self._base_path = Path(base_path)

    def resolve_artifacts(
        self,
        store: mlmd.MetadataStore,
        input_dict: dict[str, list[types.Artifact]],
    ) -> dict[str, list[types.Artifact]]:
        """Called by TFX.

        Args:
            store: ML Metadata.
            input_dict: all Model artifacts as `model`, all PushedModel
                artifacts as `pushed_model`.

        Returns:
            One of each, or none: nothing is served, or its Model is gone.
        """
        served = None
        if self._base_path.is_dir():
            served = find_served_version(self._base_path)
        nothing = {key: [] for key in input_dict}
        if served is None:
            _logger.info("Nothing is served: the candidate has no baseline.")
            return nothing
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
                    return {MODEL_KEY: [model], PUSHED_MODEL_KEY: [push]}
        _logger.warning(
            "Version %s is served, but no Model is known that it was pushed"
            " from: the candidate has no baseline.",
            served.name,
        )
        return nothing


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
