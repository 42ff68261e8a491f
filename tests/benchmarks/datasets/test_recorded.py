"""Peers learn from the events of a run, and are asked what it was asked."""

import json

import pytest

from benchmarks.datasets.recorded import read_recorded
from tests.example_gen_runs import run_example_gen

_EVENTS = """user,item,clicked
u,a,1
u,b,0
u,c,1
u,d,1
v,b,1
v,c,1
v,a,1
v,d,0
"""
_ITEMS = "item,title\n" + "".join(f"{one},Item {one}\n" for one in "abcde")


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory):
    """Of impressions in the order of their rows; the last one is for test."""
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "events.csv").write_text(_EVENTS)
    (folder / "items.csv").write_text(_ITEMS)
    config = {
        "dataset": {
            "events": {
                "path": str(folder / "events.csv"),
                "columns": {"user_id": "user", "item_id": "item"},
                "default_event_type": "click",
                "negatives": "clicked",
                "order": "file",
            },
            "items": {
                "path": str(folder / "items.csv"),
                "columns": {"item_id": "item", "title": "title"},
            },
        },
        "splits": {"method": "leave_last"},
    }
    run_example_gen(folder, json.dumps(config))
    return folder / "examples", folder / "catalog"


def _list_pairs(recorded):
    data = recorded.dataset.interactions
    return {
        (data.user_ids[user], data.item_ids[item])
        for user, item in zip(data.users, data.items, strict=True)
    }


def test_peers_learn_from_what_was_not_passed_over(artifacts):
    recorded = read_recorded(*artifacts, repeats=False, only_liked=True)
    assert _list_pairs(recorded) == {
        *(("u", "a"), ("u", "c")),
        *(("v", "b"), ("v", "c"), ("v", "a")),
    }
    assert recorded.dataset.interactions.item_ids.tolist() == list("abcde")
    assert recorded.dataset.catalog["e"].title == "Item e"


def test_only_what_was_liked_is_asked_for(artifacts):
    recorded = read_recorded(*artifacts, repeats=False, only_liked=True)
    ids = recorded.dataset.interactions.item_ids
    assert ids[recorded.asked.targets].tolist() == ["d"]
    assert ids[recorded.asked.get_history(0)].tolist() == ["a", "c"]
    # What was passed over is no taste, but met.
    assert ids[recorded.met.get_history(0)].tolist() == ["a", "b", "c"]


def test_all_queries_are_asked_where_nothing_says_what_was_passed_over(
    artifacts,
):
    recorded = read_recorded(*artifacts, repeats=True, only_liked=False)
    ids = recorded.dataset.interactions.item_ids
    assert sorted(ids[recorded.asked.targets]) == ["d", "d"]
    assert recorded.met.repeats
