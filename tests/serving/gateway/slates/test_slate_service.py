"""What slates are made from; the routes' tests ask the same by HTTP."""

import json

from schemas import signatures
from serving.gateway.behavior.log.record_json import decode_exposure
from serving.gateway.experiments.experiment_config import ArmConfig
from serving.gateway.experiments.experiment_config import ExperimentConfig
from serving.gateway.gateway import Gateway
from serving.gateway.ranking.ranking_config import PinRule
from serving.gateway.ranking.ranking_config import PolicyConfig
from serving.gateway.ranking.ranking_config import RankingConfig
from serving.gateway.records.event import Event
from serving.gateway.slates.user_query import SlateRequest
from serving.query import Constraints
from tests.serving.gateway.conftest import build_config


def _record(gateway: Gateway, *item_ids: str, user_id: str = "ann") -> None:
    gateway.store.record_events(
        [
            Event(
                event_id=f"{user_id}-{number}",
                user_id=user_id,
                item_id=item_id,
                timestamp=100.0 + number,
            )
            for number, item_id in enumerate(item_ids)
        ]
    )


def _ids(slate) -> list[str]:
    return [item.candidate.item_id for item in slate.items]


def test_slate_is_logged_as_it_was_shown(gateway):
    slate = gateway.slates.recommend(SlateRequest(user_id="ann", k=4))
    _record(gateway, "i00", user_id="bob")
    (path,) = gateway.store.close_span().glob("exposures-*.jsonl")
    logged = decode_exposure(json.loads(path.read_text()))
    assert logged == slate.exposure
    assert [item.item_id for item in logged.items] == _ids(slate)
    assert logged.model_version == 3


def test_slate_is_found_for_who_answers_it(gateway):
    slate = gateway.slates.recommend(SlateRequest(user_id="ann", k=4))
    kept = gateway.store.find_exposure(slate.exposure.slate_id)
    assert (kept.user_id, kept.scenario) == ("ann", "")
    assert [item.item_id for item in kept.items] == _ids(slate)


def test_slate_of_nobody_known_is_not_logged(gateway):
    slate = gateway.slates.recommend(SlateRequest(k=4))
    assert gateway.store.find_exposure(slate.exposure.slate_id) is None


def test_long_histories_are_cut_for_the_model_and_stay_excluded(gateway):
    long = ["i00", *["i01"] * signatures.MAX_EVENTS]
    _record(gateway, *long)
    slate = gateway.slates.recommend(SlateRequest(user_id="ann", k=20))
    assert len(slate.history) == signatures.MAX_EVENTS
    assert not {"i00", "i01"} & set(_ids(slate))
    assert len(_ids(slate)) == 18


def test_session_events_come_after_those_that_are_kept(gateway):
    _record(gateway, "i00")
    event = Event(event_id="-", user_id="-", item_id="i05", timestamp=200.0)
    slate = gateway.slates.recommend(
        SlateRequest(user_id="ann", session=[event], k=3)
    )
    assert slate.history == ["i00", "i05"]


def test_experiment_chooses_policy_and_is_logged(
    tmp_path, server_address, start
):
    arms = {"only": ArmConfig(share=1.0, policy="fixed")}
    experiment = ExperimentConfig(name="order", salt="s", arms=arms)
    gateway = start(
        build_config(tmp_path, server_address, experiments=(experiment,))
    )
    known = gateway.slates.recommend(SlateRequest(user_id="ann", k=3))
    assert known.exposure.policy == "fixed"
    assert known.exposure.arms == {"order": "only"}
    nobody = gateway.slates.recommend(SlateRequest(k=3))
    assert nobody.exposure.policy == "learnt"


def test_version_label_that_is_not_served_is_answered_by_a_stand_in(
    tmp_path, server_address, start
):
    arms = {"only": ArmConfig(share=1.0, version_label="canary")}
    experiment = ExperimentConfig(name="model", salt="s", arms=arms)
    gateway = start(
        build_config(tmp_path, server_address, experiments=(experiment,))
    )
    _record(gateway, "i07", user_id="bob")
    slate = gateway.slates.recommend(SlateRequest(user_id="ann", k=3))
    assert slate.exposure.source == "popular"
    assert slate.is_degraded
    assert _ids(slate)[0] == "i07"


def test_forgotten_user_s_slates_are_gone(gateway):
    slate = gateway.slates.recommend(SlateRequest(user_id="ann", k=3))
    assert gateway.slates.forget_user("ann") == 1
    assert gateway.store.find_exposure(slate.exposure.slate_id) is None


def test_pinned_item_is_shown_unless_the_request_rules_it_out(
    tmp_path, server_address, start
):
    pin = PinRule(item_id="i09")  # its price is 9
    policy = PolicyConfig(rules=(pin,), exploration=0.0)
    ranking = RankingConfig(policies={"pin": policy}, default_policy="pin")
    gateway = start(build_config(tmp_path, server_address, ranking=ranking))
    _record(gateway, "i09", user_id="bob")

    def show(user_id="ann", **constraints):
        given = Constraints(**constraints)
        request = SlateRequest(user_id=user_id, k=3, constraints=given)
        return _ids(gateway.slates.recommend(request))

    assert show()[0] == "i09"
    assert "i09" not in show(max_price=8.0)
    assert "i09" not in show(excluded_item_ids=["i09"])
    assert "i09" not in show(user_id="bob")
    assert show(user_id="bob", exclude_history=False)[0] == "i09"


def test_short_slate_counts_the_pinned_items_that_it_shows(tmp_path, start):
    # There is no model server, and its stand-in knows nothing yet.
    pins = tuple(PinRule(item_id=f"i0{number}") for number in (3, 4))
    policy = PolicyConfig(rules=pins, exploration=0.0)
    ranking = RankingConfig(policies={"pin": policy}, default_policy="pin")
    gateway = start(build_config(tmp_path, "localhost:1", ranking=ranking))
    slate = gateway.slates.recommend(SlateRequest(user_id="ann", k=5))
    assert sorted(_ids(slate)) == ["i03", "i04"]
    last = slate.short_because[-1]
    assert (last.rule, last.left) == ("stand_in", 2)
    assert last.text.endswith("knows none of them; 2 more are pinned.")
