"""A version says whether its dataset repeats; commands ask by it."""

import pytest

from pipeline.commands import gateway
from pipeline.commands.query_builder import allow_repeats
from pipeline.commands.recommendation import find_served_version
from schemas.model_facts import ModelFacts
from schemas.model_facts import read_model_facts
from schemas.model_facts import write_model_facts
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.gateway_config import SlateConfig
from serving.query import Constraints

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]


def test_gateway_shows_what_was_met_where_the_pushed_version_says_so(
    finished_run,
):
    version_path = find_served_version(finished_run)
    before = read_model_facts(version_path)

    def place(config):
        placed = gateway.place_files(config, finished_run, None)
        return placed.slates.repeats

    assert place(GatewayConfig()) is before.repeats is False
    write_model_facts(ModelFacts(repeats=True), version_path)
    try:
        assert place(GatewayConfig()) is True
        own = GatewayConfig(slates=SlateConfig(repeats=False))
        assert place(own) is False
        constraints = Constraints(excluded_item_ids=["m01"])
        assert allow_repeats(finished_run, constraints) == Constraints(
            exclude_history=False
        )
    finally:
        write_model_facts(before, version_path)
    assert allow_repeats(finished_run, constraints) == constraints
