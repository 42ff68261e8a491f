"""The runs of one pipeline as recorded in ML Metadata.

Reads with `ml_metadata` alone: starting TFX for it would take half a minute.
"""

import json
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ml_metadata import errors
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2 as mlmd_pb2

_RUN_CONTEXT = "pipeline_run"
_NODE_CONTEXT = "node"
_PIPELINE_CONTEXT = "pipeline"

FAILED = "FAILED"


@dataclass(frozen=True)
class OutputArtifact:
    """One artifact that a node wrote."""

    type_name: str  # as TFX names it, "ModelBlessing"
    uri: str
    properties: Mapping[str, int | float | str]  # own and custom ones

    @property
    def path(self) -> Path:
        return Path(self.uri.removeprefix("file://"))


@dataclass(frozen=True)
class NodeRun:
    """One execution of one node."""

    node_id: str
    state: str  # COMPLETE, CACHED, FAILED, RUNNING, CANCELED
    seconds: float
    error: str
    outputs: Mapping[str, tuple[OutputArtifact, ...]]  # by output key


@dataclass(frozen=True)
class PipelineRun:
    """One run, its nodes in the order in which they began."""

    run_id: str
    nodes: tuple[NodeRun, ...]
    pipeline_name: str = ""  # the `name` of its config

    def find_output(
        self, type_name: str, output_key: str | None = None
    ) -> OutputArtifact | None:
        """Returns the newest artifact of a type that this run holds.

        Args:
            type_name: as "Examples".
            output_key: the node's name of the output; None = any.
        """
        found = [
            artifact
            for node in self.nodes
            for key, artifacts in node.outputs.items()
            for artifact in artifacts
            if artifact.type_name == type_name and output_key in (None, key)
        ]
        return found[-1] if found else None


class RunHistory:
    """Reads the runs of a metadata file; writes nothing."""

    def __init__(self, metadata_path: Path):
        """Opens the store.

        Args:
            metadata_path: the SQLite file of a `RunFolder`.

        Raises:
            FileNotFoundError: nothing has run there yet.
        """
        if not metadata_path.exists():
            raise FileNotFoundError(
                f"{metadata_path.parent} must hold a run. Received: no "
                f"{metadata_path.name} there. Start one with "
                "`tastemaker run CONFIG`, or pass its --root."
            )
        self._store = open_store(metadata_path)

    def load_runs(self) -> list[PipelineRun]:
        """Returns all runs, oldest first."""
        try:
            contexts = self._store.get_contexts_by_type(_RUN_CONTEXT)
        except errors.NotFoundError:
            return []
        contexts.sort(key=lambda context: context.create_time_since_epoch)
        return [self._load_run(context) for context in contexts]

    def find_latest_output(
        self,
        type_name: str,
        output_key: str | None = None,
        **properties: int | str,
    ) -> OutputArtifact | None:
        """Finds the newest artifact of a type over all runs.

        Args:
            type_name: as "Examples".
            output_key: the node's name of the output; None = any.
            **properties: what the artifact's properties must equal.

        Returns:
            The artifact, or None.
        """
        for run in reversed(self.load_runs()):
            for node in reversed(run.nodes):
                for key, artifacts in node.outputs.items():
                    if output_key not in (None, key):
                        continue
                    for artifact in artifacts:
                        if artifact.type_name == type_name and (
                            properties.items() <= artifact.properties.items()
                        ):
                            return artifact
        return None

    def _load_run(self, context: mlmd_pb2.Context) -> PipelineRun:
        executions = self._store.get_executions_by_context(context.id)
        executions.sort(key=lambda e: (e.create_time_since_epoch, e.id))
        return PipelineRun(
            run_id=context.name,
            nodes=tuple(self._load_node(e) for e in executions),
            pipeline_name=self._find_pipeline_name(executions),
        )

    def _find_pipeline_name(
        self, executions: Sequence[mlmd_pb2.Execution]
    ) -> str:
        names = [
            context.name
            for execution in executions[:1]
            for context in self._store.get_contexts_by_execution(execution.id)
            if context.type == _PIPELINE_CONTEXT
        ]
        return names[0] if names else ""

    def _load_node(self, execution: mlmd_pb2.Execution) -> NodeRun:
        contexts = self._store.get_contexts_by_execution(execution.id)
        node_ids = [c.name for c in contexts if c.type == _NODE_CONTEXT]
        milliseconds = (
            execution.last_update_time_since_epoch
            - execution.create_time_since_epoch
        )
        state = mlmd_pb2.Execution.State.Name(execution.last_known_state)
        return NodeRun(
            # Node contexts are called "<pipeline>.<node>".
            node_id=node_ids[0].partition(".")[2] if node_ids else "?",
            state=state,
            seconds=milliseconds / 1000,
            error=_read_error(execution),
            outputs=self._load_outputs(execution.id),
        )

    def _load_outputs(
        self, execution_id: int
    ) -> dict[str, tuple[OutputArtifact, ...]]:
        outputs: dict[str, tuple[OutputArtifact, ...]] = {}
        for event in self._store.get_events_by_execution_ids([execution_id]):
            if event.type != mlmd_pb2.Event.OUTPUT:
                continue
            keys = [step.key for step in event.path.steps if step.key]
            key = keys[0] if keys else ""
            for artifact in self._store.get_artifacts_by_id(
                [event.artifact_id]
            ):
                outputs[key] = (*outputs.get(key, ()), _convert(artifact))
        return outputs


def open_store(metadata_path: Path) -> metadata_store.MetadataStore:
    """Opens a SQLite metadata file for reading and writing."""
    connection = mlmd_pb2.ConnectionConfig()
    connection.sqlite.filename_uri = str(metadata_path)
    return metadata_store.MetadataStore(connection)


def _convert(artifact: mlmd_pb2.Artifact) -> OutputArtifact:
    properties = {}
    for values in (artifact.properties, artifact.custom_properties):
        for name, value in values.items():
            kind = value.WhichOneof("value")
            if kind in ("int_value", "double_value", "string_value"):
                properties[name] = getattr(value, kind)
            elif kind == "struct_value":
                properties[name] = str(value.struct_value)
    return OutputArtifact(
        type_name=artifact.type, uri=artifact.uri, properties=properties
    )


def _read_error(execution: mlmd_pb2.Execution) -> str:
    """Finds the message that TFX stores beside a failed execution."""
    stored = execution.custom_properties.get("__execution_result__")
    if stored is None or not stored.string_value:
        return ""
    result = json.loads(stored.string_value)
    return str(result.get("resultMessage", ""))
