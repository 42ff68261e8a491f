"""A serialized `tf.Example` that the graph of an export can parse."""

from collections.abc import Iterable
from collections.abc import Iterator

import numpy as np

from serving.protos import example_pb2
from serving.protos import feature_pb2
from serving.protos import graph_pb2
from serving.protos import node_def_pb2
from serving.protos import types_pb2
from serving.tensors import decode_tensor

_PARSE_OP = "ParseExampleV2"


def build_sample_example(graph: graph_pb2.GraphDef) -> bytes:
    """Builds an example with enough values for every feature the graph parses.

    Dense features get their shape's number of values, ragged ones a single
    value: empty texts or ones. Sparse features may be absent and are.

    Returns:
        The example; without features if the graph parses none.
    """
    example = example_pb2.Example()
    for nodes in (graph.node, *(f.node_def for f in graph.library.function)):
        by_name = {node.name: node for node in nodes}
        for node in nodes:
            if node.op == _PARSE_OP:
                for name, dtype, num_values in _list_features(node, by_name):
                    example.features.feature[name].CopyFrom(
                        _build_feature(dtype, num_values)
                    )
    return example.SerializeToString()


def _list_features(
    node: node_def_pb2.NodeDef, by_name: dict[str, node_def_pb2.NodeDef]
) -> Iterator[tuple[str, int, int]]:
    """Lists name, dtype and number of values."""
    # Inputs of the op: serialized, names, sparse, dense and ragged keys, ...
    dense_keys, ragged_keys = (
        _read_texts(by_name.get(node.input[index].partition(":")[0]))
        for index in (3, 4)
    )
    shapes = node.attr["dense_shapes"].list.shape
    dense_types = node.attr["Tdense"].list.type
    for key, dtype, shape in zip(dense_keys, dense_types, shapes, strict=False):
        sizes = [max(dim.size, 1) for dim in shape.dim]
        yield key, dtype, int(np.prod(sizes, dtype=int))
    ragged_types = node.attr["ragged_value_types"].list.type
    for key, dtype in zip(ragged_keys, ragged_types, strict=False):
        yield key, dtype, 1


def _read_texts(node: node_def_pb2.NodeDef | None) -> Iterable[str]:
    """Reads a constant; what is computed while serving is unknown here."""
    if node is None or node.op != "Const":
        return []
    values = decode_tensor(node.attr["value"].tensor)
    return [value.decode() for value in values.ravel()]


def _build_feature(dtype: int, num_values: int) -> feature_pb2.Feature:
    feature = feature_pb2.Feature()
    if dtype == types_pb2.DT_STRING:
        feature.bytes_list.value.extend([b""] * num_values)
    elif dtype == types_pb2.DT_INT64:
        feature.int64_list.value.extend([1] * num_values)
    else:
        feature.float_list.value.extend([1.0] * num_values)
    return feature
