"""New items take their place in slates of real servers."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from schemas.signatures import MODEL_NAME
from serving.client import RecommenderClient
from serving.model_server.server import ModelServer
from serving.model_server.server import ServerOptions
from serving.overlay import Overlay
from serving.overlay_index import NewItem
from serving.query import Constraints
from serving.query import Query
from tests.serving.conftest import VERSION
from tests.serving.conftest import add_version
from tests.serving.tiny_recommender import export_tiny_recommender
from tests.serving.tiny_recommender import item_vectors
from tests.trainer.made_up_world import COLD_ITEM
from tests.trainer.made_up_world import GENRES

HISTORY = ("i01", "i04")


@pytest.fixture(scope="module")
def client(server_address):
    with RecommenderClient(server_address, timeout=20) as opened:
        yield opened


@pytest.fixture(scope="module")
def trained_client(saved_model, tmp_path_factory):
    base_path = tmp_path_factory.mktemp("trained")
    (base_path / "1").symlink_to(saved_model)
    with (
        ModelServer(MODEL_NAME, base_path) as server,
        RecommenderClient(f"localhost:{server.port}", timeout=60) as opened,
    ):
        yield opened


def _item(item_id, title="abc", categories=()):
    return NewItem(item_id=item_id, title=title, categories=categories)


def _ids(slate):
    return [item.item_id for item in slate.items]


def _per_letter(*history: int) -> float:
    """What each letter of a title adds to a new item's score."""
    return float(item_vectors()[list(history)].mean(axis=0).sum())


def _favourable_history() -> int:
    """An item whose fans get long titles first."""
    return int(np.argmax(item_vectors().sum(axis=1)))


def test_new_item_stands_where_its_score_puts_it(client):
    history = _favourable_history()
    query = Query(item_ids=[f"i{history:02d}"])
    overlay = Overlay()
    # Short enough to stand below some of the catalogue's items.
    overlay.add([_item("n1", "a"), _item("n2", "a" * 50)])
    plain = client.recommend(query, k=20)[0]
    slate = overlay.recommend(client, query, k=25)[0]
    scores = [item.score for item in slate.items]
    assert scores == sorted(scores, reverse=True)
    assert sorted(_ids(slate)) == sorted([*_ids(plain), "n1", "n2"])
    by_id = {item.item_id: item for item in slate.items}
    per_letter = _per_letter(history)
    assert by_id["n1"].score == pytest.approx(per_letter, rel=1e-5)
    assert by_id["n2"].score == pytest.approx(50 * per_letter, rel=1e-5)
    assert _ids(slate)[0] == "n2"
    assert slate.model_version == plain.model_version


def test_slate_keeps_its_length(client):
    overlay = Overlay()
    overlay.add([_item("n1", "a" * 50)])
    query = Query(item_ids=[f"i{_favourable_history():02d}"])
    plain = client.recommend(query, k=3)[0]
    slate = overlay.recommend(client, query, k=3)[0]
    assert _ids(slate) == ["n1", *_ids(plain)[:2]]


def test_every_query_has_its_own_constraints(client):
    overlay = Overlay()
    overlay.add([_item("n1", categories=["comedy"])])
    slates = overlay.recommend(
        client,
        [Query(item_ids=HISTORY)] * 2,
        25,
        [
            Constraints(allowed_categories=["comedy"]),
            Constraints(allowed_categories=["drama"]),
        ],
    )
    assert ["n1" in _ids(slate) for slate in slates] == [True, False]


def test_empty_overlay_changes_nothing(client):
    query = Query(item_ids=HISTORY)
    assert Overlay().recommend(client, query, 5) == client.recommend(query, 5)


def test_item_can_be_looked_up():
    overlay = Overlay()
    overlay.add([_item("n1")])
    assert overlay.get("n1") == _item("n1")
    assert overlay.get("n2") is None


def test_without_demand_only_refresh_encodes(client):
    overlay = Overlay(encodes_on_demand=False)
    overlay.add([_item("n1")])
    query = Query(item_ids=HISTORY)
    assert not overlay.is_current(VERSION)
    assert "n1" not in _ids(overlay.recommend(client, query, 25)[0])
    overlay.refresh(client, VERSION)
    assert overlay.is_current(VERSION)
    assert "n1" in _ids(overlay.recommend(client, query, 25)[0])


def test_overlay_without_items_is_always_current():
    assert Overlay().is_current(VERSION)


def test_removed_item_leaves_the_slate(client):
    overlay = Overlay()
    overlay.add([_item("n1"), _item("n2")])
    query = Query(item_ids=HISTORY)
    assert {"n1", "n2"} <= set(_ids(overlay.recommend(client, query, 25)[0]))
    overlay.remove(["n1", "never there"])
    slate = overlay.recommend(client, query, 25)[0]
    assert "n1" not in _ids(slate)
    assert "n2" in _ids(slate)


def test_replaced_text_is_what_counts(client):
    history = _favourable_history()
    query = Query(item_ids=[f"i{history:02d}"])
    overlay = Overlay()
    overlay.add([_item("n1", "a")])
    overlay.recommend(client, query, 25)
    overlay.add([_item("n1", "a" * 9)])
    slate = overlay.recommend(client, query, 25)[0]
    (found,) = [item for item in slate.items if item.item_id == "n1"]
    assert found.score == pytest.approx(9 * _per_letter(history), rel=1e-5)


def test_oldest_item_leaves_a_full_overlay(client):
    overlay = Overlay(max_items=2)
    assert overlay.add([_item("n1"), _item("n2")]) == []
    assert overlay.add([_item("n3")]) == ["n1"]
    assert len(overlay) == 2
    slate = overlay.recommend(client, Query(item_ids=HISTORY), 25)[0]
    assert {i for i in _ids(slate) if i.startswith("n")} == {"n2", "n3"}


def test_overlay_of_no_items_is_refused():
    with pytest.raises(ValueError, match=r"`max_items`.*Received: 0"):
        Overlay(max_items=0)


def test_vectors_are_made_anew_when_the_server_swaps(
    recommender_model, tmp_path, base_path
):
    louder = export_tiny_recommender(tmp_path / "louder", scale=2.0)
    add_version(base_path, 1, recommender_model)
    overlay = Overlay()
    overlay.add([_item("n1", "abc")])
    query = Query(item_ids=HISTORY)
    options = ServerOptions(file_system_poll_wait_seconds=0.05)
    swapped = threading.Event()
    with (
        ModelServer(MODEL_NAME, base_path, options=options) as server,
        RecommenderClient(f"localhost:{server.port}", timeout=20) as client,
    ):
        slate = overlay.recommend(client, query, 25)[0]
        assert slate.model_version == 1
        add_version(base_path, 2, louder)
        while slate.model_version == 1:
            assert not swapped.wait(0.05)
            before = slate
            slate = overlay.recommend(client, query, 25)[0]
    old, new = (
        next(item.score for item in s.items if item.item_id == "n1")
        for s in (before, slate)
    )
    # Every score of the second version is twice that of the first.
    assert new == pytest.approx(2 * old, rel=1e-5)
    assert _ids(slate) == _ids(before)


def test_nobody_waits_while_another_thread_encodes(
    slow_recommender_model, tmp_path
):
    (tmp_path / "1").symlink_to(slow_recommender_model)
    overlay = Overlay()
    # Five batches, 0.4 s each.
    overlay.add([_item(f"n{n}") for n in range(160)])
    with (
        ModelServer(MODEL_NAME, tmp_path) as server,
        RecommenderClient(f"localhost:{server.port}", timeout=20) as client,
        ThreadPoolExecutor() as threads,
    ):
        encoding = threads.submit(overlay.refresh, client, 1)
        query = Query(item_ids=HISTORY)
        meanwhile = overlay.recommend(client, query, 200)[0]
        assert not encoding.done()
        encoding.result()
        afterwards = overlay.recommend(client, query, 200)[0]
    assert len(meanwhile.items) == 18
    assert len(afterwards.items) == 18 + 160


def test_threads_may_add_remove_and_ask_at_once(client):
    overlay = Overlay(max_items=20)
    query = Query(item_ids=HISTORY)

    def work(thread):
        slates = []
        for step in range(10):
            overlay.add([_item(f"n{thread}-{step}", "a" * (step + 1))])
            slates += overlay.recommend(client, query, 40)
            if step % 3 == 0:
                overlay.remove([f"n{thread}-{step}"])
        return slates

    with ThreadPoolExecutor(8) as threads:
        slates = [s for found in threads.map(work, range(8)) for s in found]
    assert len(slates) == 80
    for slate in slates:
        assert len(set(_ids(slate))) == len(slate.items) <= 18 + 20
        scores = [item.score for item in slate.items]
        assert scores == sorted(scores, reverse=True)
    settled = overlay.recommend(client, query, 40)[0]
    assert len(settled.items) == 18 + len(overlay)


class TestOnATrainedModel:
    """The whole way: trained, exported, served, asked over gRPC."""

    WAR = 3  # the genre of the cold item

    def _query(self, genre):
        return Query(
            item_ids=[f"i{12 * genre + n:02d}" for n in range(3)],
            event_types=["rate"] * 3,
            timestamps=[1000, 1060, 1120],
            values=[4.0] * 3,
        )

    def _new_item(self, genre, item_id):
        name = GENRES[genre]
        return NewItem(
            item_id=item_id, title=f"{name} {item_id}", categories=[name]
        )

    def test_new_item_scores_like_a_cold_one_of_the_catalogue(
        self, trained_client
    ):
        overlay = Overlay()
        twin = NewItem(
            item_id="twin",
            title=f"{GENRES[self.WAR]} {COLD_ITEM}",
            categories=[GENRES[self.WAR]],
        )
        overlay.add([twin])
        slate = overlay.recommend(trained_client, self._query(self.WAR), 49)[0]
        by_id = {item.item_id: item.score for item in slate.items}
        assert by_id["twin"] == pytest.approx(by_id[COLD_ITEM], abs=1e-3)

    def test_new_items_of_the_history_s_genre_lead_the_new_ones(
        self, trained_client
    ):
        overlay = Overlay()
        overlay.add([self._new_item(g, f"n{g}") for g in range(4)])
        places = []
        for genre in range(4):
            slate = overlay.recommend(trained_client, self._query(genre), 52)
            new = [i for i in _ids(slate[0]) if i.startswith("n")]
            assert len(new) == 4
            places.append(new.index(f"n{genre}"))
        # By chance (0 + 1 + 2 + 3) / 4 = 1.5.
        assert np.mean(places) < 1.0

    def test_item_that_the_model_knows_comes_once(self, trained_client):
        overlay = Overlay()
        overlay.add([self._new_item(self.WAR, COLD_ITEM)])
        slate = overlay.recommend(trained_client, self._query(self.WAR), 49)[0]
        assert _ids(slate).count(COLD_ITEM) == 1
        assert slate == trained_client.recommend(self._query(self.WAR), 49)[0]
