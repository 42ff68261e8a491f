import json
import random
import time

import pytest

from pipeline.commands.experiment import build_success_rule
from pipeline.commands.experiment import estimate_blend
from pipeline.commands.experiment import report_experiment
from schemas.rating_scale import RatingScale
from serving.gateway.behavior.open_behavior_store import open_behavior_store
from serving.gateway.experiments.experiment_config import ArmConfig
from serving.gateway.experiments.experiment_config import ExperimentConfig
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.gateway_config import StorageConfig
from serving.gateway.records.event import Event
from serving.gateway.records.exposure import ExposedItem
from serving.gateway.records.exposure import Exposure

_NUM_USERS = 400
_ARMS = {"control": 0.1, "bold": 0.5}  # chance of a click


@pytest.fixture(scope="module")
def config(tmp_path_factory) -> GatewayConfig:
    """A gateway whose users have seen two slates each, over two spans."""
    folder = tmp_path_factory.mktemp("gateway")
    storage = StorageConfig(
        state=f"sqlite:///{folder / 'state.sqlite'}", log=str(folder / "log")
    )
    arms = {name: ArmConfig(share=0.5) for name in _ARMS}
    experiment = ExperimentConfig(name="order", salt="s", arms=arms)
    store = open_behavior_store(storage.state, folder / "log")
    chooser, now = random.Random(1), time.time() - 60.0
    for number in range(2 * _NUM_USERS):
        _show(store, number, chooser, now)
        if number == _NUM_USERS:
            store.close_span()
    store.close()
    return GatewayConfig(storage=storage, experiments=(experiment,))


def _show(store, number: int, chooser: random.Random, now: float) -> None:
    """One slate with one place that is drawn from two items, half and half."""
    user_id = f"u{number % _NUM_USERS}"
    arm = list(_ARMS)[number % 2]
    features = {"a": {"freshness": 0.0}, "b": {"freshness": 1.0}}
    shown = chooser.choice("ab")
    store.record_exposure(
        Exposure(
            slate_id=f"s{number}",
            user_id=user_id,
            timestamp=now,
            arms={"order": arm},
            items=(
                ExposedItem(
                    item_id=shown,
                    score=0.0,
                    features=features[shown],
                    propensity=0.5,
                ),
            ),
            explored_position=0,
            candidates=features,
        )
    )
    # The fresh item is clicked, the other one only half as often.
    if chooser.random() < _ARMS[arm] * (1.0 if shown == "b" else 0.5):
        store.record_events(
            [
                Event(
                    event_id=f"e{number}",
                    user_id=user_id,
                    item_id=shown,
                    timestamp=now,
                    event_type="click",
                    slate_id=f"s{number}",
                )
            ]
        )


def test_report_finds_the_arm_that_is_better_in_spans_and_live(config):
    report = json.loads(report_experiment(config, "order", None, True))
    assert sum(arm["num_slates"] for arm in report["arms"]) == 2 * _NUM_USERS
    control, bold = report["arms"]
    assert bold["success_rate"] > control["success_rate"]
    assert "bold" in report["conclusion"]


def test_report_is_told_to_people_as_a_table(config):
    text = report_experiment(config, "order", ["click"], False)
    assert "control" in text
    assert "bold" in text


def test_unknown_experiment_is_named_with_those_there_are(config):
    with pytest.raises(LookupError, match=r"order\. Received: 'other'"):
        report_experiment(config, "other", None, False)


def test_blend_that_shows_what_is_clicked_is_estimated_better(config):
    report = json.loads(estimate_blend(config, "freshness=1", None, None, True))
    assert report["estimate"]["gain"]["low"] > 0.0
    worse = json.loads(estimate_blend(config, "freshness=-1", None, None, True))
    assert worse["estimate"]["gain"]["high"] < 0.0


@pytest.mark.parametrize("weights", ["fresh=1", "freshness", "freshness=x", ""])
def test_weights_that_are_none_are_named(config, weights):
    with pytest.raises(ValueError, match="must be NAME=NUMBER"):
        estimate_blend(config, weights, None, None, False)


def test_rating_that_counts_is_a_like_on_the_scale_of_the_data():
    scale = RatingScale(lowest=0.0, highest=1.0, positive_value=1.0)
    rule = build_success_rule(GatewayConfig(ratings=scale), None)
    assert rule.counts("rate", 1.0)
    assert not rule.counts("rate", 0.0)
    assert rule.counts("click", None)
    assert not build_success_rule(GatewayConfig(), None).counts("rate", 3.5)
    asked = build_success_rule(GatewayConfig(ratings=scale), ["rate>=0.5"])
    assert asked.counts("rate", 0.5)
