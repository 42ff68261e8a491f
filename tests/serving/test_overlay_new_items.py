"""New items that follow a slate, however low the model ranks them."""

import numpy as np
import pytest

from serving.client import RecommenderClient
from serving.overlay import Overlay
from serving.overlay_index import NewItem
from serving.query import Query
from tests.serving.tiny_recommender import item_vectors


@pytest.fixture
def client(server_address):
    with RecommenderClient(server_address, timeout=20) as opened:
        yield opened


def _ids(slate):
    return [item.item_id for item in slate.items]


def test_best_new_items_may_follow_the_slate(client):
    # Whose fans get long titles last.
    history = int(np.argmin(item_vectors().sum(axis=1)))
    query = Query(item_ids=[f"i{history:02d}"])
    overlay = Overlay()
    overlay.add(
        [NewItem(item_id=f"n{size}", title="a" * size) for size in (70, 50, 60)]
    )
    plain = client.recommend(query, k=3)[0]
    slate = overlay.recommend(client, query, k=3, num_new=2)[0]
    assert _ids(slate) == [*_ids(plain), "n50", "n60"]
    # One that is among the first places counts.
    whole = overlay.recommend(client, query, k=20, num_new=1)[0]
    assert _ids(whole)[-1:] == ["n50"]
    assert len(_ids(whole)) == 20
