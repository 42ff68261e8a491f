import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from serving.export_check.export_problems import find_problems
from serving.export_check.op_list import OpList
from serving.export_check.op_list import load_stock_image_ops
from serving.protos import graph_pb2
from serving.protos import saved_model_pb2


@pytest.fixture
def change_graph(
    recommender_model: Path, tmp_path: Path
) -> Callable[[Callable[[graph_pb2.GraphDef], object]], Path]:
    """Changes the graph of a copy of the healthy export."""

    def change(edit: Callable[[graph_pb2.GraphDef], object]) -> Path:
        copy = tmp_path / "changed"
        shutil.copytree(recommender_model, copy)
        file = copy / "saved_model.pb"
        model = saved_model_pb2.SavedModel.FromString(file.read_bytes())
        edit(model.meta_graphs[0].graph_def)
        file.write_bytes(model.SerializeToString())
        return copy

    return change


@pytest.fixture(scope="module")
def stock_ops() -> OpList:
    return load_stock_image_ops()


def test_export_of_every_signature_needs_what_the_stock_image_has(
    recommender_model, stock_ops
):
    assert find_problems(recommender_model, stock_ops) == []


def test_unknown_op_in_a_function_is_found(change_graph, stock_ops):
    def edit(graph):
        graph.library.function[0].node_def.add(name="n", op="ScannSearch")

    problems = find_problems(change_graph(edit), stock_ops)
    assert problems == ["Op ScannSearch is unknown (node n)."]


def test_unknown_op_in_the_graph_is_found(change_graph, stock_ops):
    export = change_graph(lambda graph: graph.node.add(name="n", op="New"))
    assert find_problems(export, stock_ops) == ["Op New is unknown (node n)."]


def test_unknown_attribute_is_found(change_graph, stock_ops):
    def edit(graph):
        graph.node.add(name="n", op="MatMul").attr["precision"].b = True

    assert find_problems(change_graph(edit), stock_ops) == [
        "Attribute precision of op MatMul is unknown (node n)."
    ]


def test_attribute_that_begins_with_an_underscore_is_free(
    change_graph, stock_ops
):
    def edit(graph):
        graph.node.add(name="n", op="MatMul").attr["_precision"].b = True

    assert find_problems(change_graph(edit), stock_ops) == []


def test_graph_for_newer_readers_only_is_found(change_graph, stock_ops):
    def edit(graph):
        graph.versions.min_consumer = 10**6

    (problem,) = find_problems(change_graph(edit), stock_ops)
    assert "1000000 or newer" in problem


def test_call_of_a_function_of_the_graph_is_no_op(change_graph, stock_ops):
    def edit(graph):
        name = graph.library.function[0].signature.name
        graph.node.add(name="n", op=name)

    assert find_problems(change_graph(edit), stock_ops) == []


def test_folder_without_a_model_is_refused(tmp_path, stock_ops):
    with pytest.raises(ValueError, match=r"holds saved_model\.pb"):
        find_problems(tmp_path, stock_ops)


def test_damaged_model_is_refused(tmp_path, stock_ops):
    (tmp_path / "saved_model.pb").write_bytes(b"\xff\xff")
    with pytest.raises(ValueError, match="must be a SavedModel"):
        find_problems(tmp_path, stock_ops)


def test_trained_export_needs_what_the_stock_image_has(saved_model, stock_ops):
    assert find_problems(Path(saved_model), stock_ops) == []
