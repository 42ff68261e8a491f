"""Rows of tensors become slates."""

import numpy as np
import pytest

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
