"""Rows of tensors become slates."""

import numpy as np

from serving.slate_tensors import read_slate


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
