"""Removes what a killed run left behind."""

import shutil
from pathlib import Path

from ml_metadata import errors
from ml_metadata.proto import metadata_store_pb2 as mlmd_pb2

from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_history import open_store

_UNFINISHED = (mlmd_pb2.Execution.NEW, mlmd_pb2.Execution.RUNNING)


def recover_run_folder(folder: RunFolder) -> list[str]:
    """Cancels executions that no process continues, and their output.

    Call it while holding the folder's lock: then no run is in progress.
    Pushed versions are never touched.

    Args:
        folder: the state to tidy.

    Returns:
        The ids of the interrupted nodes, one for each execution.
    """
    if not folder.metadata_path.exists():
        return []
    store = open_store(folder.metadata_path)
    try:
        executions = store.get_executions()
    except errors.NotFoundError:
        return []
    cut_short = []
    for execution in executions:
        if execution.last_known_state not in _UNFINISHED:
            continue
        node_id = _find_node_id(store, execution.id)
        execution.last_known_state = mlmd_pb2.Execution.CANCELED
        store.put_executions([execution])
        _remove_outputs(folder.artifacts_path / node_id, execution.id)
        cut_short.append(node_id)
    return cut_short


def _find_node_id(store, execution_id: int) -> str:
    for context in store.get_contexts_by_execution(execution_id):
        if context.type == "node":
            return context.name.partition(".")[2]
    return "unknown"


def _remove_outputs(node_path: Path, execution_id: int) -> None:
    """Removes the folders that TFX names after an execution.

    <node>/<output key>/<execution id>/
    <node>/.system/<kind>/<execution id>/
    """
    for pattern in (f"*/{execution_id}", f".system/*/{execution_id}"):
        for path in node_path.glob(pattern):
            shutil.rmtree(path)
