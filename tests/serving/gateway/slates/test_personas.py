import pytest

from serving.gateway.behavior.open_behavior_store import open_behavior_store
from serving.gateway.records.event import Event
from serving.gateway.slates.personas import find_personas


@pytest.fixture
def store(tmp_path):
    url = f"sqlite:///{tmp_path}/state.sqlite"
    opened = open_behavior_store(url, tmp_path / "log")
    yield opened
    opened.close()


def _record(store, user_id, *item_ids):
    store.record_events(
        [
            Event(
                event_id=f"{user_id}-{number}",
                user_id=user_id,
                item_id=item_id,
                timestamp=1_000.0 + number,
            )
            for number, item_id in enumerate(item_ids)
        ]
    )


def test_each_kind_has_one_user_who_stands_for_it(store):
    common = [f"c{n}" for n in range(30)]
    _record(store, "much", *common)
    _record(store, "usual", *common[:15])
    _record(store, "odd", *(f"o{n}" for n in range(12)))
    _record(store, "few", "c1", "c2", "c1")
    _record(store, "rare", "x1", "x2", "x3", "x4")  # too few for a taste
    _record(store, "visitor-1", "c1")
    found = {one.kind: one for one in find_personas(store)}
    assert {kind: one.user_id for kind, one in found.items()} == {
        "heavy": "much",
        "niche": "odd",
        "new": "few",
    }
    assert found["heavy"].num_events == 30
    assert found["new"].newest == ["c1", "c2"]


def test_one_user_stands_for_one_kind(store):
    assert find_personas(store) == []
    _record(store, "ann", "a")
    assert [one.kind for one in find_personas(store)] == ["heavy"]
