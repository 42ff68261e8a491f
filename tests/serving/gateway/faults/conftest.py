"""A model server without a model, and gateways as processes."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving.gateway.faults.gateway_process import GatewayProcess
from tests.serving.gateway.faults.scripted_upstream import ScriptedUpstream


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as opened:
        yield opened


@pytest.fixture
def start_gateway(
    tmp_path: Path,
) -> Iterator[Callable[..., GatewayProcess]]:
    """Starts a gateway; afterwards its log is searched for users."""
    started = []

    def start(address: str, **settings: dict) -> GatewayProcess:
        upstream = {"address": address} | settings.pop("upstream", {})
        started.append(GatewayProcess(tmp_path, upstream=upstream, **settings))
        return started[-1]

    yield start
    for gateway in started:
        try:
            gateway.check_privacy()
        finally:
            gateway.close()
