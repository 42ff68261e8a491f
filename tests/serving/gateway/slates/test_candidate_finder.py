import time

import pytest

from serving.gateway.gateway_config import SlateConfig
from serving.gateway.records.event import Event
from serving.gateway.slates.user_query import SlateRequest
from serving.query import Constraints
from tests.serving.gateway.conftest import build_config
from tests.serving.tiny_recommender import ITEM_IDS


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


def test_changed_price_and_categories_count_and_not_the_model_s(gateway):
    # The price of i07 is 7.0 to the model, and i04 is a comedy.
    cheap = Constraints(max_price=9.0)
    assert "i07" in _recommend(gateway, k=20, constraints=cheap)
    gateway.items.change("i07", {"price": 10.0})
    assert "i07" not in _recommend(gateway, k=20, constraints=cheap)
    assert "i07" in _recommend(gateway, k=20)
    comedies = Constraints(allowed_categories=["comedy"])
    gateway.items.change("i04", {"categories": ("drama",)})
    assert "i04" not in _recommend(gateway, k=20, constraints=comedies)


def test_what_a_change_takes_out_is_made_up_for(
    tmp_path, server_address, start
):
    few = SlateConfig(num_candidates=3)
    gateway = start(build_config(tmp_path, server_address, slates=few))
    cheap = Constraints(max_price=9.0)  # ten items: i00 to i09
    best = _recommend(gateway, k=10, constraints=cheap)
    for item_id in best[:7]:
        gateway.items.change(item_id, {"price": None})
    found = _recommend(gateway, k=3, constraints=cheap)
    assert sorted(found) == sorted(best[7:])


def test_little_known_items_are_candidates_for_who_wants_these(
    tmp_path, server_address, start
):
    few = SlateConfig(num_candidates=3, popularity_seconds=1e-9)
    gateway = start(build_config(tmp_path, server_address, slates=few))
    best = _recommend(gateway, k=20)
    known = [
        Event(
            event_id=f"e-{item_id}",
            user_id="ann",
            item_id=item_id,
            timestamp=time.time(),
        )
        for item_id in best[:10]
    ]
    gateway.store.record_events(known)
    assert {*_recommend(gateway, k=3)} <= {*best[:10]}
    assert {*_recommend(gateway, k=3, popularity=-1.0)} <= {*best[10:]}


@pytest.mark.parametrize(
    ("is_preview", "source"), [(False, "last_known_good"), (True, "popular")]
)
def test_preview_is_nobody_s_last_good_slate(gateway, is_preview, source):
    gateway.slates.recommend(SlateRequest(user_id="ann", is_preview=is_preview))
    gone = SlateRequest(user_id="ann", version_label="of no version")
    assert gateway.slates.recommend(gone).exposure.source == source
