"""Settings of the checks."""

import pytest
from pydantic import TypeAdapter
from pydantic import ValidationError

from components.behavior_validator.config import CHECKS
from components.behavior_validator.config import BehaviorValidatorConfig
from components.behavior_validator.config import CheckConfig


def test_every_check_has_its_rule():
    config = BehaviorValidatorConfig()
    assert all(
        isinstance(getattr(config, name), CheckConfig) for name in CHECKS
    )


def test_config_survives_json():
    adapter = TypeAdapter(BehaviorValidatorConfig)
    config = BehaviorValidatorConfig(
        emails=CheckConfig(max_share=0.5, action="stop"), now=7
    )
    assert adapter.validate_json(adapter.dump_json(config)) == config


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"emals": {}}, "emals"),
        ({"emails": {"action": "shout"}}, "action"),
        ({"emails": {"max_share": 1.5}}, "max_share"),
        ({"max_events_per_day": 0}, "max_events_per_day"),
    ],
)
def test_setting_that_makes_no_sense_is_refused(settings, key):
    with pytest.raises(ValidationError, match=key):
        TypeAdapter(BehaviorValidatorConfig).validate_python(settings)
