"""What comes to the gateway reaches the next run, as docs/gateway.md says."""

import json
import re
from pathlib import Path

import pytest
import yaml

from components.window_examples.reader import read_windows
from components.window_examples.shards import split_folder
from serving.gateway.behavior.open_behavior_store import open_behavior_store
from serving.gateway.records.event import Event
from serving.gateway.records.item_facts import ItemFacts

_ROOT = Path(__file__).resolve().parents[3]
_TOLD = {
    "event_type": "rate",
    "value": 4.5,
    "text": "so good",
    "scenario": "home",
    "session_id": "s1",
}


@pytest.fixture
def dataset(tmp_path) -> dict:
    """The settings of the page, with its folders moved below this test's."""
    page = (_ROOT / "docs" / "gateway.md").read_text()
    (block,) = re.findall(r"```yaml\n(dataset:.*?)```", page, re.S)
    for folder in ("runs/shop/gateway", "data"):
        block = block.replace(f"path: {folder}", f"path: {tmp_path}/{folder}")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/items.csv").write_text("item_id,title\na,Alpha\nb,Beta\n")
    (tmp_path / "data/users.csv").write_text(
        "user_id,age,town\nann,30,Ulm\nbob,31,Bonn\n"
    )
    return yaml.safe_load(block)["dataset"]


@pytest.fixture
def store(tmp_path):
    folder = tmp_path / "runs/shop/gateway"
    store = open_behavior_store(f"sqlite:///{folder}/s.sqlite", folder / "log")
    yield store
    store.close()


def _record(store, user_id, item_id, number, **told):
    event = Event(
        event_id=f"{user_id}-{number}",
        user_id=user_id,
        item_id=item_id,
        timestamp=1000.0 + number,
        **told,
    )
    store.record_events([event])


def _ingest(ingest, dataset):
    dataset = dict(dataset)
    return ingest(
        None,
        None,
        events_config=dataset.pop("events"),
        items_config=dataset.pop("items"),
        **dataset,
    )


def test_events_keep_all_that_was_told_of_them(ingest, dataset, store):
    _record(store, "ann", "a", 1, **_TOLD)
    _record(store, "ann", "b", 2, **_TOLD)
    _record(store, "ann", "a", 3)
    store.close_span()
    found = _ingest(ingest, dataset)
    folder = split_folder(found.artifacts["examples"].uri, "test")
    (window,) = read_windows(folder)
    for event in window.events:
        assert {name: getattr(event, name) for name in _TOLD} == _TOLD
        assert event.positive
    assert window.label.scenario == ""
    assert window.label.value is None


def test_posted_items_and_profiles_are_in_the_next_catalogue(
    ingest, dataset, store
):
    store.put_items(
        [
            ItemFacts(item_id="b", title="Better", categories=("new",)),
            ItemFacts(item_id="c", title="Gamma", price=2.5, created_at=9.0),
        ]
    )
    store.put_profiles({"ann": {"age": "36"}, "cid": {"town": "Köln"}})
    for user_id in ("ann", "bob", "cid"):
        _record(store, user_id, "c", 1)
        _record(store, user_id, "a", 2)
    store.close_span()
    found = _ingest(ingest, dataset)
    assert found.catalog["item_id"] == ["a", "b", "c"]
    assert found.catalog["title"] == ["Alpha", "Better", "Gamma"]
    assert found.catalog["categories"] == [[], ["new"], []]
    assert found.catalog["price"] == [None, None, 2.5]
    assert found.catalog["created_at"] == [None, None, 9]
    folder = split_folder(found.artifacts["examples"].uri, "test")
    assert {w.user_id: w.profile for w in read_windows(folder)} == {
        # Of what the gateway knows, its word counts, and nothing else does.
        "ann": {"age": "36"},
        "bob": {"age": "31", "town": "Bonn"},
        "cid": {"town": "Köln"},
    }
    assert found.counts["items"]["replaced"] == 1
    assert found.counts["users"]["replaced"] == 1
    assert found.rejects == []


def test_span_without_items_and_profiles_is_read(ingest, dataset, store):
    _record(store, "ann", "a", 1)
    store.close_span()
    found = _ingest(ingest, dataset)
    assert found.catalog["title"] == ["Alpha", "Beta"]
    assert json.dumps(found.rejects) == "[]"
