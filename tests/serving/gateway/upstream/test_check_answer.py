"""Answers that no caller may get are refused."""

import pytest

from serving.gateway.upstream.check_answer import check_explanation
from serving.gateway.upstream.check_answer import check_slate
from serving.query import NO_SHARES
from serving.query import Explanation
from serving.query import KindShares
from serving.query import Slate
from serving.query import SlateItem

_NAN = float("nan")


def _slate(**changes):
    fields = {
        "item_id": "a",
        "score": 1.0,
        "probability": None,
        "rating": None,
        "reasons": ((1, 0.5),),
        "shares": KindShares(history=0.5, popularity=0.5),
    }
    return Slate(items=[SlateItem(**fields | changes)] * 3, model_version=1)


def _explanation(**changes):
    fields = {
        "item_id": "a",
        "score": 1.0,
        "score_without_history": 1.0,
        "score_without_need": 1.0,
        "place": 1.0,
        "place_without_history": 2.0,
        "place_without_need": 1.0,
        "score_drops": [0.5],
        "history_weights": [1.0],
        "shares": KindShares(history=1.0),
        "source_shares": {"text": 1.0},
    }
    return Explanation(**fields | changes)


def test_more_items_than_were_asked_for_are_left_out():
    assert len(check_slate(_slate(), k=2, num_events=2).items) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"item_id": "a" * 1000}, "Received: 1000"),
        ({"reasons": ((2, 0.5),)}, "Received: 0.5 of event 2"),
        ({"reasons": ((1, _NAN),)}, "Received: nan of event 1"),
        ({"shares": KindShares(need=_NAN)}, "need=nan"),
        ({"shares": KindShares(need=1.5)}, "need=1.5"),
        ({"shares": KindShares(history=-0.5)}, "history=-0.5"),
    ],
)
def test_item_with_a_reason_that_is_none_is_refused(changes, message):
    with pytest.raises(RuntimeError, match=message):
        check_slate(_slate(**changes), k=2, num_events=2)


@pytest.mark.parametrize(
    "changes",
    [
        {"place": _NAN},
        {"score": float("inf")},
        {"shares": KindShares(popularity=_NAN)},
    ],
)
def test_explanation_with_numbers_that_are_none_is_refused(changes):
    check_explanation(_explanation())
    check_explanation(_explanation(shares=NO_SHARES))
    with pytest.raises(RuntimeError, match=r"nan|inf"):
        check_explanation(_explanation(**changes))
