"""Versions tell their labels, which one is served, and what is broken."""

import pytest

from pipeline.commands.pushed_versions import list_pushed_versions
from schemas.artifact_files import PUSHED_CATALOG_FILE
from serving.protos import saved_model_pb2
from serving.version_labels import set_label

SHARD = "variables/variables.data-00000-of-00001"


def _push(base_path, version, *ops):
    """Writes a version with a graph of such ops, and empty variables."""
    model = saved_model_pb2.SavedModel()
    graph = model.meta_graphs.add().graph_def
    for op in ops:
        graph.node.add(name=op.lower(), op=op)
    path = base_path / version
    files = {
        "saved_model.pb": model.SerializeToString(),
        "variables/variables.index": b"",
        SHARD: b"",
        PUSHED_CATALOG_FILE: b"",
    }
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def _list(serving_path):
    return {one.number: one for one in list_pushed_versions(serving_path)}


@pytest.fixture
def base_path(tmp_path):
    _push(tmp_path / "shop", "9", "MatMul")
    _push(tmp_path / "shop", "10", "MatMul")
    return tmp_path / "shop"


def test_newest_is_served_where_none_has_a_label(base_path):
    found = _list(base_path.parent)
    assert list(found) == [9, 10]
    assert [one.is_served for one in found.values()] == [False, True]
    assert {one.model for one in found.values()} == {"shop"}


def test_stable_one_is_served_whatever_came_after_it(base_path):
    set_label(base_path, "stable", 9)
    set_label(base_path, "canary", 10)
    found = _list(base_path.parent)
    assert found[9].is_served
    assert found[9].labels == ("stable",)
    assert not found[10].is_served
    assert found[10].labels == ("canary",)


def test_whole_version_is_not_broken(base_path):
    assert [one.problem for one in list_pushed_versions(base_path.parent)] == [
        "",
        "",
    ]


@pytest.mark.parametrize(
    "name", ["saved_model.pb", "variables/variables.index", PUSHED_CATALOG_FILE]
)
def test_version_without_a_file_is_broken(base_path, name):
    (base_path / "9" / name).unlink()
    found = _list(base_path.parent)
    assert found[9].problem == f"no {name}"
    assert not found[10].problem


def test_version_without_values_of_its_variables_is_broken(base_path):
    (base_path / "9" / SHARD).unlink()
    found = _list(base_path.parent)
    assert found[9].problem == "no variables/variables.data-*"
    assert not found[10].problem


def test_version_with_a_damaged_graph_is_broken(base_path):
    (base_path / "9" / "saved_model.pb").write_bytes(b"\xff")
    assert "must be a SavedModel" in _list(base_path.parent)[9].problem


def test_version_that_the_stock_image_does_not_load_is_broken(base_path):
    _push(base_path, "11", "MatMul", "OpOfTomorrow")
    assert _list(base_path.parent)[11].problem.startswith(
        "Op OpOfTomorrow is unknown"
    )


def test_push_in_progress_is_no_version(base_path):
    (base_path / ".tmp-11").mkdir()
    assert list(_list(base_path.parent)) == [9, 10]


def test_folder_without_a_push_has_none(tmp_path):
    assert list_pushed_versions(tmp_path / "serving") == []
