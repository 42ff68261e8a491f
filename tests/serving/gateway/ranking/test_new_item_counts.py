import json

import pytest

from serving.gateway.ranking.new_item_counts import MAX_ITEMS
from serving.gateway.ranking.new_item_counts import ItemCount
from serving.gateway.ranking.new_item_counts import NewItemCounts
from serving.gateway.ranking.new_item_counts import read_counts
from serving.gateway.ranking.new_item_counts import write_counts
from serving.gateway.records.exposure import ExposedItem
from serving.gateway.records.exposure import Exposure

_NEW = frozenset({"n", "m"})


def _expose(ids, timestamp=5.0):
    return Exposure(
        slate_id="s",
        user_id="u",
        timestamp=timestamp,
        items=tuple(ExposedItem(item_id=one, score=0.0) for one in ids),
    )


def _count(*slates, counts=None, timestamp=5.0):
    counts = counts or NewItemCounts()
    for ids, *taken in slates:
        rewards = dict.fromkeys(taken, 1.0)
        counts = counts.count(_expose(ids, timestamp), rewards, _NEW)
    return counts


def test_new_item_is_expected_to_get_what_the_others_of_its_slate_got():
    # Nothing is known of places: 1 at the top, 1 / 2 below it, then 1 / 3.
    counts = _count(("nab", "a"))
    # It was at 1, the others at 1 / 2 + 1 / 3 = 5 / 6 together got one.
    assert counts.items["n"].expected == pytest.approx(6 / 5)
    counts = _count(("abn", "a", "b", "n"))
    assert counts.items["n"].expected == pytest.approx(2 * (1 / 3) / 1.5)
    assert counts.items["n"].rewards == 1.0
    assert (counts.items["n"].shows, counts.items["n"].since) == (1, 5.0)


def test_slate_without_an_action_says_nothing_against_a_new_item():
    counts = _count(("nab",), ("nab",))
    assert counts.items["n"].expected == 0.0
    assert counts.items["n"].shows == 2


def test_new_items_are_not_compared_with_each_other():
    counts = _count(("nma", "m", "a"))
    # Each beside the item at place 2 alone: 1 / (1 / 3), and half of that.
    assert counts.items["n"].expected == pytest.approx(3.0)
    assert counts.items["m"].expected == pytest.approx(1.5)
    assert _count(("nm", "n")).items == {}


def test_places_count_by_what_people_take_there():
    # People took the third place as often as the first one: after many slates
    # the places' prior, 11 / 6 = 1.83 in all, weighs next to nothing.
    slates = [("abc", "a"), ("abc", "c")] * 5000
    counts = _count(("abn", "a"), counts=_count(*slates))
    # Two thirds of what was taken, at the first two places, half of all.
    assert counts.items["n"].expected == pytest.approx(1.0, rel=0.02)


def test_places_below_the_tenth_do_not_count():
    ids = "abcdefghijn"
    counts = _count((ids, "n"))
    assert counts.items == {}
    assert sum(counts.shows) == 10
    assert _count(("k", "k")).shows == (1.0, *[0.0] * 9)


def test_counts_of_two_add_up_and_come_apart_again():
    ours = _count(("nab", "a"), timestamp=7.0)
    others = _count(("abn", "n", "a"), ("mab",), timestamp=3.0)
    both = ours.add(others)
    assert both.items["n"].shows == 2
    assert both.items["n"].since == 3.0
    assert both.items["m"] == others.items["m"]
    assert both.shows == (1.0, 3.0, 2.0, *[0.0] * 7)
    left = both.add(others, -1)
    assert left.shows == ours.shows
    assert left.items.keys() == ours.items.keys()
    assert left.items["n"].expected == pytest.approx(ours.items["n"].expected)


def test_items_first_shown_longest_ago_make_room():
    many = {
        str(n): ItemCount(shows=1, since=float(n)) for n in range(MAX_ITEMS + 2)
    }
    kept = NewItemCounts().add(NewItemCounts(items=many)).items
    assert len(kept) == MAX_ITEMS
    assert {"0", "1"}.isdisjoint(kept)


def test_counting_keeps_the_limit_too(monkeypatch):
    monkeypatch.setattr("serving.gateway.ranking.new_item_counts.MAX_ITEMS", 1)
    counts = _count(("na",), timestamp=1.0)
    assert set(_count(("ma",), counts=counts, timestamp=2.0).items) == {"m"}


def test_what_was_written_is_read():
    counts = _count(("nab", "a"), ("abé", "b"))
    assert read_counts(write_counts(counts)) == counts
    assert read_counts(write_counts(NewItemCounts())) == NewItemCounts()


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "other"},
        {"shows": [1.0]},
        {"rewards": None},
        {"items": []},
        {"items": {"": [1, 0.0, 0.0, 1.0]}},
        {"items": {"a": [1, 0.0, 1.0]}},
        {"items": {"a": [1, 0.0, float("nan"), 1.0]}},
        {"items": {"a": "text"}},
    ],
)
def test_what_is_not_as_it_was_written_is_refused(changes):
    document = json.loads(write_counts(_count(("nab", "a")))) | changes
    with pytest.raises(ValueError, match="must be as they were written"):
        read_counts(json.dumps(document).encode())


@pytest.mark.parametrize("document", [b"", b"{", b"[]", b"\xff", b"[" * 9999])
def test_what_is_no_document_is_refused(document):
    with pytest.raises(ValueError, match="must be as they were written"):
        read_counts(document)
