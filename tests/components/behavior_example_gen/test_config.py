import subprocess
import sys

import pytest
import yaml
from pydantic import TypeAdapter
from pydantic import ValidationError

from components.behavior_example_gen.split_config import ExampleGenConfig

_ADAPTER = TypeAdapter(ExampleGenConfig)


def _config(**events) -> dict:
    columns = {"user_id": "u", "item_id": "i", "timestamp": "t"}
    events = {
        "path": "e.csv",
        "columns": columns,
        "default_event_type": "rate",
    } | events
    items = {"path": "i.csv", "columns": {"item_id": "i", "title": "t"}}
    return {"dataset": {"events": events, "items": items}}


def test_config_survives_json():
    config = _ADAPTER.validate_python(_config(positive_value=4))
    assert _ADAPTER.validate_json(_ADAPTER.dump_json(config)) == config


def test_misspelt_key_is_named():
    with pytest.raises(ValidationError, match="positiv_value"):
        _ADAPTER.validate_python(_config(positiv_value=4))


def test_unmapped_required_role_is_named():
    with pytest.raises(ValidationError, match="must map `item_id`"):
        _ADAPTER.validate_python(_config(columns={"user_id": "u"}))


def test_events_without_a_time_must_say_their_order():
    columns = {"user_id": "u", "item_id": "i"}
    with pytest.raises(ValidationError, match=r"`order: file`.*`order: none`"):
        _ADAPTER.validate_python(_config(columns=columns))
    values = _config(columns=columns, order="file")
    values["splits"] = {"method": "leave_last"}
    assert not _ADAPTER.validate_python(values).dataset.has_times()


def test_events_without_order_have_no_times_and_no_order_of_ties():
    with pytest.raises(ValidationError, match="must come without a `timest"):
        _ADAPTER.validate_python(_config(order="none"))
    values = _config(columns={"user_id": "u", "item_id": "i"}, order="none")
    values["dataset"]["ties"] = "item_id"
    with pytest.raises(ValidationError, match="`ties` must be hash"):
        _ADAPTER.validate_python(values)


def test_unknown_event_type_of_ours_is_refused():
    with pytest.raises(ValidationError, match=r"event_types\.buy"):
        _ADAPTER.validate_python(_config(event_types={"buy": "bought"}))


def test_events_need_a_type_from_somewhere():
    with pytest.raises(ValidationError, match="default_event_type"):
        _ADAPTER.validate_python(_config(default_event_type=None))


def test_format_is_read_off_the_suffix_before_gz():
    config = _ADAPTER.validate_python(_config(path="log-*.jsonl.gz"))
    assert config.dataset.events.file_format() == "jsonl"


def test_unknown_suffix_asks_for_the_format():
    with pytest.raises(ValidationError, match=r"`format`.*log\.bin"):
        _ADAPTER.validate_python(_config(path="log.bin"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("yes", True),  # a bare yes is a boolean to YAML, a quoted one text
        ("'yes'", True),
        ("True", True),
        ("no", False),
        ('"No"', False),
        ("false", False),
    ],
)
def test_repeats_is_yes_or_no_quoted_or_not(written, expected):
    values = _config()
    values["dataset"]["repeats"] = yaml.safe_load(written)
    assert _ADAPTER.validate_python(values).dataset.repeats is expected


@pytest.mark.parametrize("written", ["sometimes", "1", "''"])
def test_repeats_that_is_neither_is_refused(written):
    values = _config()
    values["dataset"]["repeats"] = yaml.safe_load(written)
    with pytest.raises(ValidationError, match="must be yes or no"):
        _ADAPTER.validate_python(values)


def test_nobody_repeats_unless_told():
    config = _ADAPTER.validate_python(_config())
    assert config.dataset.repeats is False
    assert _ADAPTER.validate_json(_ADAPTER.dump_json(config)) == config


def test_config_imports_nothing_heavy():
    code = (
        "import sys, components.behavior_example_gen.config;"
        "print({'tensorflow', 'tfx', 'apache_beam', 'pyarrow'}"
        " & set(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "set()"
