"""A setting that cannot be used stops the run and names its key."""

import dataclasses
from pathlib import Path

import pytest
import yaml

from pipeline.config import ConfigError
from pipeline.config import load_config

_CONFIGS = Path(__file__).parents[2] / "configs"
MINIMAL = {
    "name": "shop",
    "dataset": {
        "events": {
            "path": "events.csv",
            "columns": {
                "user_id": "user",
                "item_id": "item",
                "timestamp": "time",
            },
            "default_event_type": "view",
        },
        "items": {
            "path": "items.csv",
            "columns": {"item_id": "item", "title": "name"},
        },
    },
}


def _load(tmp_path, values):
    path = tmp_path / "config.yaml"
    path.write_text(values if isinstance(values, str) else yaml.dump(values))
    return load_config(path)


def _changed(**changes):
    return {**MINIMAL, **changes}


def test_minimal_config_fills_in_defaults(tmp_path):
    config = _load(tmp_path, MINIMAL)
    assert config.name == "shop"
    assert config.splits.method == "temporal"
    assert config.trainer.adaptation.method == "frozen"
    assert config.beam_args[0] == "--runner=FnApiRunner"


def test_config_cannot_be_changed_after_loading(tmp_path):
    config = _load(tmp_path, MINIMAL)
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.name = "other"


def test_misspelt_key_is_named_with_its_path_and_the_allowed_ones(tmp_path):
    values = _changed(trainer={"optimizer": {"learning_rat": 0.1}})
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, values)
    message = str(caught.value)
    assert "`trainer.optimizer.learning_rat` is not a setting" in message
    assert "learning_rate" in message.partition("Allowed here")[2]
    assert "embedding_dim" not in message


def test_misspelt_key_at_the_top_lists_the_sections(tmp_path):
    with pytest.raises(ConfigError, match=r"`trainr`.*Allowed here: .*trainer"):
        _load(tmp_path, _changed(trainr={}))


def test_misspelt_key_within_a_list_lists_keys_of_its_entries(tmp_path):
    values = _changed(
        evaluator={"thresholds": [{"metric": "mrr", "at_leats": 0.1}]}
    )
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, values)
    assert "`evaluator.thresholds.0.at_leats`" in str(caught.value)
    assert "at_least" in str(caught.value)


@pytest.mark.parametrize(
    ("trainer", "key", "received"),
    [
        ({"optimizer": {"max_epochs": "many"}}, "max_epochs", "'many'"),
        ({"optimizer": {"max_epochs": 0}}, "max_epochs", "0"),
        ({"towers": {"dropout": 1.5}}, "dropout", "1.5"),
        ({"adaptation": {"method": "magic"}}, "method", "'magic'"),
    ],
)
def test_wrong_type_or_range_names_key_and_value(
    tmp_path, trainer, key, received
):
    with pytest.raises(ConfigError, match=rf"{key}`: .*Received: {received}"):
        _load(tmp_path, _changed(trainer=trainer))


@pytest.mark.parametrize("values", [{"name": "shop"}, ""])
def test_missing_section_is_named(tmp_path, values):
    with pytest.raises(ConfigError, match="`dataset` must be set"):
        _load(tmp_path, values)


def test_all_problems_are_told_at_once(tmp_path):
    values = _changed(name="No Spaces", splits={"method": "random"})
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, values)
    assert "`name`" in str(caught.value)
    assert "`splits.method`" in str(caught.value)


def test_key_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="`name` stands twice"):
        _load(tmp_path, "name: a\nname: b\n")


@pytest.mark.parametrize("text", ["- a\n- b\n", "just text", "a: [1"])
def test_file_without_settings_is_refused(tmp_path, text):
    with pytest.raises(ConfigError, match=r"config\.yaml must"):
        _load(tmp_path, text)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"absent\.yaml"):
        load_config(tmp_path / "absent.yaml")


def test_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xff\xfe\x00name")
    with pytest.raises(ConfigError, match="must be YAML"):
        load_config(path)


@pytest.mark.parametrize(
    "path", sorted(_CONFIGS.rglob("*.yaml")), ids=lambda path: path.stem
)
def test_config_in_the_repository_loads(path):
    assert load_config(path).name == path.stem


def _without_times(order, method, **changes):
    events = MINIMAL["dataset"]["events"] | {
        "columns": {"user_id": "user", "item_id": "item"},
        "order": order,
    }
    dataset = MINIMAL["dataset"] | {"events": events}
    return _changed(dataset=dataset, splits={"method": method}, **changes)


def test_order_that_the_events_lack_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="must be hold_out where events"):
        _load(tmp_path, _without_times("none", "temporal"))
    config = _load(tmp_path, _without_times("none", "hold_out"))
    assert config.splits.method == "hold_out"


def test_no_recency_is_learnt_where_there_are_no_times(tmp_path):
    trainer = {"linear": {"recency_half_life_days": 30}}
    values = _without_times("file", "leave_last", trainer=trainer)
    with pytest.raises(ConfigError, match="recency_half_life_days=30"):
        _load(tmp_path, values)
