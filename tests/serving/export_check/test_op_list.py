import re
from pathlib import Path

import pytest

from serving.export_check.op_list import OpList
from serving.export_check.op_list import format_op_list
from serving.export_check.op_list import load_stock_image_ops
from serving.export_check.op_list import parse_op_list

_TEXT = "# tensorflow 9.9\n# graph_def_version 7\nAdd T\nNoOp\n"
_LOCK = Path(__file__).parents[3] / "requirements" / "serving-2.20.lock"


def test_list_survives_its_text_form():
    op_list = OpList(
        versions={"tensorflow": "9.9"},
        graph_def_version=7,
        ops={"NoOp": frozenset(), "Add": frozenset({"T"})},
    )
    assert format_op_list(op_list) == _TEXT
    assert parse_op_list(_TEXT) == op_list


def test_list_without_graph_version_is_refused():
    with pytest.raises(ValueError, match="graph_def_version"):
        parse_op_list("# tensorflow 9.9\nAdd T\n")


def test_header_that_is_no_pair_is_refused():
    with pytest.raises(ValueError, match="Received: '# of ops 7'"):
        parse_op_list("# of ops 7\n")


def test_committed_list_is_of_the_locked_versions():
    pins = dict(re.findall(r"^([\w-]+)==(\S+)", _LOCK.read_text(), re.M))
    assert load_stock_image_ops().versions == {
        "tensorflow": pins["tensorflow-cpu"],
        "tensorflow-text": pins["tensorflow-text"],
    }


@pytest.mark.parametrize(
    ("op", "attribute"),
    [
        ("MatMul", "transpose_a"),
        ("TopKV2", "sorted"),
        ("ParseExampleV2", "dense_shapes"),
        ("FastWordpieceTokenizeWithOffsets", None),
    ],
)
def test_committed_list_knows_what_a_recommender_needs(op, attribute):
    ops = load_stock_image_ops().ops
    assert op in ops
    assert attribute is None or attribute in ops[op]


@pytest.mark.parametrize("op", ["Addons>Foo", "ScannScannSearchBatched"])
def test_committed_list_knows_no_op_of_other_packages(op):
    assert op not in load_stock_image_ops().ops
