"""What an index holds of new items, and which of them a request allows."""

import numpy as np
import pytest
import tensorflow as tf

from schemas import signatures
from schemas.signatures import MODEL_NAME
from serving.client import RecommenderClient
from serving.model_server.server import ModelServer
from serving.overlay_index import NewItem
from serving.overlay_index import OverlayIndex
from serving.query import NO_SHARES
from serving.query import KindShares
from serving.query import Query
from tests.constraint_cases import CASES
from tests.constraint_cases import ITEMS
from tests.constraint_cases import build_constraints
from tests.serving.conftest import VERSION
from tests.serving.tiny_recommender import EMBEDDING_DIM
from tests.serving.tiny_recommender import ITEM_IDS
from tests.serving.tiny_recommender import TinyRecommender
from tests.serving.tiny_recommender import export_model
from tests.serving.tiny_recommender import item_vectors


@pytest.fixture(scope="module")
def client(server_address):
    with RecommenderClient(server_address, timeout=20) as opened:
        yield opened


def _item(item_id, title="abc", categories=(), price=None):
    return NewItem(
        item_id=item_id, title=title, categories=categories, price=price
    )


def test_vectors_are_the_version_s_own(client):
    items = [_item("n1", "ab"), _item("n2", "abcd")]
    index = OverlayIndex(VERSION).extend(client, items)
    # The tiny model encodes a title as its length.
    np.testing.assert_array_equal(index.vectors, [[2.0] * 4, [4.0] * 4])
    longer = index.extend(client, [_item("n3", "a")])
    assert longer.vectors[:, 0].tolist() == [2.0, 4.0, 1.0]
    assert len(index.items) == 2


def test_item_of_the_catalogue_is_left_to_the_model(client):
    index = OverlayIndex(VERSION).extend(client, [_item("i03"), _item("n1")])
    assert [item.item_id for item in index.items] == ["n1"]
    assert index.list_missing([_item("i03"), _item("n1")]) == []


def test_changed_text_is_encoded_again(client):
    index = OverlayIndex(VERSION).extend(client, [_item("n1", "ab")])
    changed = _item("n1", "abcd")
    assert index.list_missing([changed]) == [changed]
    assert index.keep([changed]).items == ()


class _PricedRecommender(TinyRecommender):
    """Encodes a new item as its price; -1 = not known."""

    def encode_items(self, title, description, categories, price):
        vectors = tf.where(tf.math.is_nan(price), -1.0, price)
        vectors = tf.tile(vectors[:, tf.newaxis], [1, EMBEDDING_DIM])
        return {"item_embedding": vectors}


def test_version_that_reads_prices_is_told_them(tmp_path):
    of_items = signatures.ENCODE_ITEMS_INPUTS | {"price": ("float32", 1)}
    export_model(
        _PricedRecommender(),
        tmp_path / "1",
        signatures.INPUTS | {signatures.ENCODE_ITEMS: of_items},
    )
    with (
        ModelServer(MODEL_NAME, tmp_path) as server,
        RecommenderClient(f"localhost:{server.port}", timeout=20) as client,
    ):
        items = [_item("n1", price=2.5), _item("n2")]
        index = OverlayIndex(1).extend(client, items)
    assert index.vectors[:, 0].tolist() == [2.5, -1.0]


def test_version_that_encodes_nonsense_is_refused(
    nan_recommender_model, tmp_path
):
    (tmp_path / "1").symlink_to(nan_recommender_model)
    with (
        ModelServer(MODEL_NAME, tmp_path) as server,
        RecommenderClient(f"localhost:{server.port}", timeout=20) as client,
        pytest.raises(ValueError, match=r"Version 1 must .* \['n1'\]"),
    ):
        OverlayIndex(1).extend(client, [_item("n1")])


def test_version_that_is_gone_is_a_lookup_error(client):
    with pytest.raises(LookupError, match="NOT_FOUND"):
        OverlayIndex(VERSION + 1).extend(client, [_item("n1")])


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_a_request_allows(case):
    items = tuple(
        _item(item.item_id, categories=item.categories, price=item.price)
        for item in ITEMS
    )
    index = OverlayIndex(VERSION, items, np.zeros([len(items), 4], np.float32))
    query = Query(item_ids=case.history)
    rows = index.list_allowed(query, build_constraints(case))
    assert "".join(items[row].item_id for row in rows) == case.allowed


def test_score_is_the_dot_product():
    items = (_item("n1"), _item("n2"))
    vectors = np.array([[1.0, 0.0], [2.0, 1.0]], np.float32)
    embeddings = np.array([[3.0, 0.5]] + 3 * [[0.0, 0.0]], np.float32)
    (scored,) = OverlayIndex(VERSION, items, vectors).score(
        [1], Query(), embeddings, np.zeros(4, np.float32)
    )
    # 2 x 3 + 1 x 0.5
    assert (scored.item_id, scored.score) == ("n2", 6.5)
    assert scored.probability is None


@pytest.mark.parametrize("fields", [{"item_id": ""}, {"title": ""}])
def test_item_without_id_or_title_is_refused(fields):
    with pytest.raises(ValueError, match="an id and a title"):
        NewItem(**{"item_id": "n1", "title": "abc"} | fields)


def test_new_item_s_reasons_are_the_history_and_the_need(client):
    item = _item("n1", "a" * 50)
    index = OverlayIndex(VERSION).extend(client, [item])
    history = int(np.argmax(item_vectors().sum(axis=1)))
    queries = {
        "both": Query(item_ids=[ITEM_IDS[history]], need="calm"),
        "history": Query(item_ids=[ITEM_IDS[history]]),
        "need": Query(need="calm"),
        "neither": Query(),
    }
    embeddings, means = client.encode_query_parts([*queries.values()], VERSION)
    shares = {}
    for name, *asked in zip(
        queries, queries.values(), embeddings, means, strict=True
    ):
        (found,) = index.score([0], *asked)
        shares[name] = found.shares
    # A title of 50 letters is 50 in every direction, a need is one there.
    away = 50.0 - item_vectors().mean(axis=0)
    by_history, by_need = away @ item_vectors()[history], away.sum()
    total = by_history + by_need
    assert shares["both"].history == pytest.approx(by_history / total, rel=1e-4)
    assert shares["both"].need == pytest.approx(by_need / total, rel=1e-4)
    assert shares["history"] == KindShares(history=1.0)
    assert shares["need"] == KindShares(need=1.0)
    assert shares["neither"] == NO_SHARES


def test_version_that_tells_no_mean_gives_no_reasons(client):
    index = OverlayIndex(VERSION).extend(client, [_item("n1")])
    query = Query(need="calm")
    (found,) = index.score([0], query, np.ones([4, EMBEDDING_DIM]), None)
    # Three letters in each of four directions.
    assert (found.score, found.shares) == (12.0, NO_SHARES)
