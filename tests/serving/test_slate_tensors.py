"""Rows of tensors become slates."""

import numpy as np
import pytest

from serving.protos import get_model_metadata_pb2
from serving.query import NO_SHARES
from serving.slate_tensors import check_outputs
from serving.slate_tensors import read_item_inputs
from serving.slate_tensors import read_slate
from serving.slate_tensors import reading_answer


def _row(item_ids, **more):
    size = len(item_ids)
    return {
        "item_id": np.array(item_ids, object),
        "score": np.arange(size, dtype=np.float32),
        "probability": np.full(size, 0.5, np.float32),
        "rating": np.full(size, 4.0, np.float32),
    } | more


def test_empty_id_ends_the_slate():
    slate = read_slate(_row([b"a", "ü".encode(), b"", b"c"]), 7)
    assert [item.item_id for item in slate.items] == ["a", "ü"]
    assert [item.score for item in slate.items] == [0.0, 1.0]
    assert slate.model_version == 7


def test_position_of_minus_one_is_no_reason():
    slate = read_slate(
        _row(
            [b"a"],
            history_positions=np.array([[4, 0, -1]]),
            history_weights=np.array([[0.5, 0.25, 0.0]]),
        ),
        1,
    )
    assert slate.items[0].reasons == ((4, 0.5), (0, 0.25))


def test_ranked_candidates_have_no_reasons():
    assert read_slate(_row([b"a"]), 1).items[0].reasons == ()


@pytest.mark.parametrize(
    "outputs",
    [
        {"item_id": np.array([b"\xff"], object)},  # no UTF-8
        {"item_id": np.ones([1], np.float32)},
        {"score": np.zeros([0], np.float32)},
        {"score": np.array([b"high"], object)},
        {"history_positions": np.zeros([1, 3], np.int32)},  # no weights
    ],
)
def test_answer_that_makes_no_sense_is_the_server_s_fault(outputs):
    with (
        pytest.raises(RuntimeError, match="`rank` must answer as schemas"),
        reading_answer("rank"),
    ):
        read_slate(_row([b"i01"]) | outputs, 1)


@pytest.mark.parametrize(
    ("embedding", "received"),
    [
        (np.zeros([2, 4], np.float64), r"float64 of shape \[2, 4\]"),
        (np.zeros([2], np.float32), r"float32 of shape \[2\]"),
        (np.zeros([3, 4], np.float32), r"float32 of shape \[3, 4\]"),
        (np.full([2, 4], b"x", object), r"string of shape \[2, 4\]"),
    ],
)
def test_output_is_of_the_dtype_rank_and_batch_promised(embedding, received):
    with pytest.raises(ValueError, match=received):
        check_outputs("encode_query", {"query_embedding": embedding}, 2)


def test_output_that_is_missing_is_named_and_one_too_many_is_fine():
    outputs = {"query_embedding": np.zeros([2, 4], np.float32), "more": None}
    check_outputs("encode_query", outputs, 2)
    with pytest.raises(ValueError, match="`item_embedding` must be there"):
        check_outputs("encode_items", outputs, 2)


def test_outputs_that_older_models_lack_are_not_asked_of_them():
    row = _row(
        [b"a"],
        history_positions=np.array([[0, -1, -1]]),
        history_weights=np.array([[1.0, 0.0, 0.0]]),
    )
    outputs = {name: array[np.newaxis] for name, array in row.items()}
    outputs["history_positions"] = outputs["history_positions"].astype("int32")
    outputs["history_weights"] = outputs["history_weights"].astype("float32")
    check_outputs("recommend", outputs, 1)
    assert read_slate(row, 1).items[0].shares == NO_SHARES
    with pytest.raises(ValueError, match=r"float64 of shape \[1, 1\]"):
        check_outputs(
            "recommend", outputs | {"need_share": np.zeros([1, 1])}, 1
        )


def test_metadata_that_cannot_be_read_is_the_server_s_fault():
    response = get_model_metadata_pb2.GetModelMetadataResponse()
    nothing = get_model_metadata_pb2.SignatureDefMap()
    response.metadata["signature_def"].Pack(nothing)
    assert read_item_inputs(response) == frozenset()
    response.metadata["signature_def"].value = b"no message"
    with pytest.raises(RuntimeError, match="SignatureDefMap"):
        read_item_inputs(response)


def test_need_is_read_unless_the_model_says_otherwise():
    unread = {"need_read": np.float32(0.0)}
    assert not read_slate(_row([b"a"]) | unread, 1).is_need_read
    assert read_slate(_row([b"a"]), 1).is_need_read  # of an older model
