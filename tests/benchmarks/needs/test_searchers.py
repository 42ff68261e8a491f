"""The peers of the search by needs."""

import math

import numpy as np

from benchmarks.needs.searchers import score_peers
from benchmarks.needs.searchers import take_first
from benchmarks.quality.datasets import Item

_ITEMS = [
    Item("horror night"),
    Item("christmas story"),
    Item("christmas horror"),
    Item("love"),
]


def test_bm25_is_the_formula(tiny_backbone_preset):
    scores = score_peers(
        _ITEMS, ["christmas horror", "unknown"], tiny_backbone_preset
    )["bm25"]
    # 7 words in 4 texts; both words are in 2 of them: ln(1 + 2.5/2.5) = ln 2.
    norm = 0.25 + 0.75 * 2 / 1.75
    each = math.log(2) * 2.2 / (1 + 1.2 * norm)
    np.testing.assert_allclose(scores[0], [each, each, 2 * each, 0.0])
    np.testing.assert_array_equal(scores[1], 0.0)


def test_sum_weighs_both_alike(tiny_backbone_preset):
    scores = score_peers(_ITEMS, ["christmas"], tiny_backbone_preset)
    parts = [
        (scores[name] - scores[name].mean()) / scores[name].std()
        for name in ("bm25", "minilm")
    ]
    np.testing.assert_allclose(scores["sum"], sum(parts), rtol=1e-6)


def test_first_ten_are_taken_in_order():
    slates = take_first(np.array([[0.0, 3.0, 1.0, 3.0]]))
    assert slates.tolist() == [[1, 3, 2, 0]]
