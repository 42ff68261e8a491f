import pytest

from serving.gateway.gateway import Gateway
from serving.gateway.slates.user_query import SlateRequest
from serving.query import Constraints
from tests.serving.tiny_recommender import ITEM_IDS


@pytest.fixture
def gateway(config):
    gateway = Gateway(config)
    gateway.start()
    yield gateway
    gateway.close()


def _recommend(gateway, **request) -> list[str]:
    slate = gateway.slates.recommend(SlateRequest(**request))
    return [item.candidate.item_id for item in slate.items]


def _sell_out(gateway, item_ids):
    for item_id in item_ids:
        gateway.items.change(item_id, {"in_stock": False})


def test_slate_is_as_long_as_the_stock_allows(gateway):
    best = _recommend(gateway, k=20)
    _sell_out(gateway, best[:12])
    assert sorted(_recommend(gateway, k=8)) == sorted(best[12:])
    assert sorted(_recommend(gateway, k=20)) == sorted(best[12:])
    _sell_out(gateway, best[12:])
    assert _recommend(gateway, k=8) == []


def test_what_is_hidden_is_excluded_beside_what_the_caller_excludes(gateway):
    _sell_out(gateway, ITEM_IDS[:15])
    constraints = Constraints(excluded_item_ids=ITEM_IDS[15:18])
    found = _recommend(gateway, k=5, constraints=constraints)
    assert sorted(found) == ITEM_IDS[18:]


@pytest.mark.parametrize(
    ("is_preview", "source"), [(False, "last_known_good"), (True, "popular")]
)
def test_preview_is_nobody_s_last_good_slate(gateway, is_preview, source):
    gateway.slates.recommend(SlateRequest(user_id="ann", is_preview=is_preview))
    gone = SlateRequest(user_id="ann", version_label="of no version")
    assert gateway.slates.recommend(gone).exposure.source == source
