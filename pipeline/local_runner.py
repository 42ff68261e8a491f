"""Runs the nodes one after another in this process."""

from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.proto.orchestration import pipeline_pb2


def run_local(
    pipeline: pipeline_pb2.Pipeline,
    run_options: pipeline_pb2.RunOptions | None,
) -> None:
    """Runs a compiled pipeline on TFX's LocalDagRunner.

    Returns normally although a node's inputs could not be resolved;
    `MonitoredRun` turns that into an error.

    Args:
        pipeline: compiled, run id filled in.
        run_options: which nodes to run; None = all.
    """
    LocalDagRunner().run_with_ir(pipeline, run_options=run_options)
