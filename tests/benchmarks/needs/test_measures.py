"""How slates for needs are judged."""

import numpy as np
import pytest

from benchmarks.needs.measures import is_obeyed
from benchmarks.needs.measures import load_hand_made
from benchmarks.needs.measures import score_slates
from benchmarks.quality.datasets import Item

_SLATE = [
    Item("Scary Movie (2000)", ("Comedy", "Horror")),
    *[Item("Scream (1996)", ("Comedy", "Horror", "Thriller"))] * 9,
]


def test_slates_score_by_how_many_answers_they_hold_and_where():
    slates = np.array([[4, 7, -1], [1, 2, 3]])
    scores = score_slates(slates, [frozenset({7}), frozenset({1, 2, 3, 4})])
    # Second place: 1 / log2(3). Three of four answers fill all three places.
    np.testing.assert_allclose(
        scores["ndcg_at_10"], [1 / np.log2(3), 1.0], rtol=1e-9
    )
    np.testing.assert_allclose(scores["recall_at_10"], [1.0, 1.0])


@pytest.mark.parametrize(
    ("case", "obeyed"),
    [
        ({"has": ["Comedy", "Horror"]}, True),
        ({"has": ["Thriller"]}, False),
        ({"has_not": ["Drama"]}, True),
        ({"has_not": ["Thriller"]}, False),
        ({"is_not": ["Alien (1979)"]}, True),
        ({"is_not": ["Scream (1996)"]}, False),
        ({"years": [1996, 2000]}, True),
        ({"years": [1990, 1999]}, False),
        ({"first": "Scary Movie (2000)"}, True),
        ({"first": "Scream (1996)"}, False),
        ({"any_title": "Sc"}, True),
        ({"any_title": "Scary"}, False),
    ],
)
def test_what_must_hold_is_checked(case, obeyed):
    assert is_obeyed(_SLATE, case) == obeyed


def test_a_short_slate_obeys_nothing():
    assert is_obeyed(_SLATE, {"has_not": ["Drama"]})
    assert not is_obeyed(_SLATE[:9], {"has_not": ["Drama"]})


def test_hand_made_needs_are_a_hundred_and_each_demands_something():
    cases = load_hand_made()
    assert len({case["need"] for case in cases}) == 100
    demands = {"has", "has_not", "is_not", "years", "first", "any_title"}
    for case in cases:
        assert {"kind", "need"} < set(case) <= {"kind", "need", *demands}
