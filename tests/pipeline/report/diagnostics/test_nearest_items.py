"""Neighbours by text, by behaviour and fused."""

import pytest

from pipeline.report.diagnostics.nearest_items import KINDS
from pipeline.report.diagnostics.nearest_items import Neighborhood
from pipeline.report.diagnostics.nearest_items import compute_overlap
from pipeline.report.diagnostics.nearest_items import find_neighborhoods


def test_overlap_is_the_mean_share_in_common():
    found = [
        Neighborhood(item=0, nearest={"fused": [1, 2], "text": [2, 3]}),
        Neighborhood(item=1, nearest={"fused": [4, 5], "text": [5, 4]}),
    ]
    assert compute_overlap(found, "fused", "text") == 0.75  # (1/2 + 2/2) / 2


def test_item_without_neighbours_has_no_share():
    found = [Neighborhood(item=0, nearest={"fused": [], "text": [1]})]
    assert compute_overlap(found, "fused", "text") == 0


@pytest.mark.e2e
@pytest.mark.timeout(1200)
class TestOfFinishedRun:
    def test_most_popular_items_are_looked_around(self, evidence):
        found = find_neighborhoods(evidence, 10, 5)
        counts = evidence.train.counts
        shown = [counts[one.item] for one in found]
        assert shown == sorted(counts, reverse=True)[:10]
        for one in found:
            for kind in KINDS:
                assert len(one.nearest[kind]) == 5
                assert one.item not in one.nearest[kind]

    def test_people_take_what_is_of_one_genre(self, evidence):
        genres = evidence.catalog.categories
        # Each user of the shop likes one genre: all its items go together.
        for one in find_neighborhoods(evidence, 10, 5):
            nearest = [genres[row] for row in one.nearest["behaviour"]]
            assert nearest == [genres[one.item]] * 5

    def test_nearest_come_first(self, evidence):
        vectors = evidence.text_vectors
        for one in find_neighborhoods(evidence, 10, 5):
            cosines = vectors[one.nearest["text"]] @ vectors[one.item]
            assert list(cosines) == sorted(cosines, reverse=True)
            others = [
                row
                for row in range(len(vectors))
                if row not in one.nearest["text"] and row != one.item
            ]
            assert cosines[-1] >= (vectors[others] @ vectors[one.item]).max()
