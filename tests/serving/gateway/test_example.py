"""The example of a configuration is one."""

import dataclasses
from pathlib import Path
from typing import get_args

import pytest
import yaml

import serving.gateway
from serving.deploy.gateway_settings import render_gateway_config
from serving.deploy.values import DEFAULT_VALUES
from serving.deploy.values import DeployValues
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.gateway_config import load_gateway_config
from serving.gateway.ranking.ranking_config import Rule

_EXAMPLE = Path(serving.gateway.__file__).parent / "example.yaml"


@pytest.fixture(scope="module")
def config():
    return load_gateway_config(_EXAMPLE)


def test_example_shows_every_setting_of_the_top():
    shown = yaml.safe_load(_EXAMPLE.read_text())
    settings = {field.name for field in dataclasses.fields(GatewayConfig)}
    assert set(shown) == settings


def test_example_shows_every_kind_of_rule(config):
    union, _ = get_args(Rule)
    kinds = {rule.kind for rule in get_args(union)}
    policies = config.ranking.policies.values()
    shown = [rule.kind for policy in policies for rule in policy.rules]
    assert sorted(shown) == sorted(kinds)


def test_pin_of_the_example_holds_in_december(config):
    rules = config.ranking.policies["shop"].rules
    (pin,) = [rule for rule in rules if rule.kind == "pin"]
    # date -u -d 2026-12-01 +%s, and the same of 2027-01-01
    assert (pin.begins_at, pin.ends_at) == (1796083200, 1798761600)


def test_deployment_takes_the_example_without_its_places():
    settings = yaml.safe_load(_EXAMPLE.read_text())
    del settings["catalogue"]
    del settings["upstream"]["address"]
    del settings["storage"]["state"]
    del settings["storage"]["log"]
    given = yaml.safe_load(DEFAULT_VALUES.read_text())
    values = DeployValues(**given, gateway={"config": settings})
    rendered = yaml.safe_load(render_gateway_config(values))
    assert rendered["experiments"] == settings["experiments"]
    assert rendered["storage"]["window_spans"] == 30
