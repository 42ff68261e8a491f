"""One run from settings to verdict; what `tastemaker run` calls."""

import datetime
import importlib.resources
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tfx.orchestration.pipeline import Pipeline
from tfx.proto.orchestration import pipeline_pb2

from pipeline.config import PipelineConfig
from pipeline.pipeline import Locations
from pipeline.pipeline import create_pipeline
from pipeline.runs.execution import RunnerName
from pipeline.runs.execution import execute
from pipeline.runs.recovery import recover_run_folder
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.verdict import Verdict
from pipeline.runs.verdict import read_verdict


@dataclass(frozen=True)
class NodeRange:
    """Which nodes to run; the others keep the outputs of the run before."""

    first: str | None = None
    last: str | None = None


def run_pipeline(
    config: PipelineConfig,
    folder: RunFolder,
    write_line: Callable[[str], None],
    runner: RunnerName = "local",
    nodes: NodeRange | None = None,
) -> Verdict:
    """Runs the pipeline and returns the verdict on the model.

    Args:
        config: the settings of every stage.
        folder: state of earlier runs, which this one continues.
        write_line: takes progress, one line at a time.
        runner: how nodes are run.
        nodes: a part of the pipeline; None = all of it.

    Returns:
        The decisions of the gates.

    Raises:
        RunFailedError: a node failed.
        RunFolderBusyError: another run uses the folder.
        ValueError: `nodes` names a node that is not there.
    """
    with folder.lock():
        for node_id in recover_run_folder(folder):
            write_line(f"Recovered: {node_id} was cut short in an earlier run.")
        run_id = datetime.datetime.now().isoformat()
        pipeline = create_pipeline(config, locate(folder), run_id)
        run_options = _select_nodes(pipeline, nodes)
        run = execute(pipeline, folder, run_id, write_line, runner, run_options)
        return read_verdict(run)


def locate(folder: RunFolder) -> Locations:
    """Returns the locations of a pipeline's state on this machine."""
    curated = importlib.resources.files("schemas") / "schema.pbtxt"
    with importlib.resources.as_file(curated) as schema_path:
        staged = folder.stage_schema(Path(schema_path))
    return Locations(
        pipeline_root=str(folder.artifacts_path),
        metadata_path=str(folder.metadata_path),
        schema_path=str(staged),
        item_vector_store_uri=str(folder.item_vector_store_path),
        serving_uri=str(folder.serving_path),
    )


def _select_nodes(
    pipeline: Pipeline, nodes: NodeRange | None
) -> pipeline_pb2.RunOptions | None:
    if nodes is None or nodes == NodeRange():
        return None
    known = [component.id for component in pipeline.components]
    for node_id in (nodes.first, nodes.last):
        if node_id is not None and node_id not in known:
            raise ValueError(
                f"`--from` and `--to` must name nodes: {', '.join(known)}. "
                f"Received: {node_id}."
            )
    options = pipeline_pb2.RunOptions()
    partial_run = options.partial_run
    partial_run.snapshot_settings.latest_pipeline_run_strategy.SetInParent()
    partial_run.from_nodes.extend(_as_sequence(nodes.first))
    partial_run.to_nodes.extend(_as_sequence(nodes.last))
    return options


def _as_sequence(node_id: str | None) -> Sequence[str]:
    return [] if node_id is None else [node_id]
