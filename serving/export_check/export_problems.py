"""Compares the graph of an export with the ops of another TensorFlow."""

from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.message import DecodeError

from serving.export_check.op_list import OpList
from serving.protos import graph_pb2
from serving.protos import node_def_pb2
from serving.protos import saved_model_pb2

_GRAPH_FILE = "saved_model.pb"


def find_problems(export: Path, op_list: OpList) -> list[str]:
    """Lists why an export would not load in the TensorFlow of `op_list`.

    Attributes matter as much as ops: TensorFlow refuses a node with an
    attribute that it does not know, unless its name begins with "_".

    Args:
        export: the version directory, with `saved_model.pb`.
        op_list: the ops of the other TensorFlow.

    Returns:
        One line a problem, without repeats; empty = it loads.

    Raises:
        ValueError: there is no `saved_model.pb`, or it cannot be read.
    """
    problems = {}  # keeps the order, drops repeats
    for meta_graph in read_saved_model(export).meta_graphs:
        graph = meta_graph.graph_def
        if graph.versions.min_consumer > op_list.graph_def_version:
            problems[
                f"The graph asks for version {graph.versions.min_consumer} "
                f"or newer; {op_list.graph_def_version} is known."
            ] = None
        functions = {f.signature.name for f in graph.library.function}
        for node in _list_nodes(graph):
            if node.op not in functions:
                problems |= dict.fromkeys(_check(node, op_list))
    return list(problems)


def read_saved_model(export: Path) -> saved_model_pb2.SavedModel:
    """Reads the graph of an export, without its variables.

    Raises:
        ValueError: there is no `saved_model.pb`, or it cannot be read.
    """
    file = export / _GRAPH_FILE
    if not file.is_file():
        raise ValueError(
            f"`{export}` must be a version directory that holds "
            f"{_GRAPH_FILE}. Received: no such file."
        )
    try:
        return saved_model_pb2.SavedModel.FromString(file.read_bytes())
    except DecodeError as error:
        raise ValueError(
            f"`{file}` must be a SavedModel. Received: {error}."
        ) from error


def _list_nodes(graph: graph_pb2.GraphDef) -> Iterator[node_def_pb2.NodeDef]:
    yield from graph.node
    for function in graph.library.function:
        yield from function.node_def


def _check(node: node_def_pb2.NodeDef, op_list: OpList) -> Iterable[str]:
    if node.op not in op_list.ops:
        yield f"Op {node.op} is unknown (node {node.name})."
        return
    for attribute in sorted(set(node.attr) - op_list.ops[node.op]):
        if not attribute.startswith("_"):
            yield (
                f"Attribute {attribute} of op {node.op} is unknown "
                f"(node {node.name})."
            )
