"""Gateways that are asked without HTTP."""

import pytest

from serving.gateway.gateway import Gateway


@pytest.fixture
def start():
    """Starts gateways, which are closed after the test."""
    started = []

    def start_(config) -> Gateway:
        gateway = Gateway(config)
        gateway.start()
        started.append(gateway)
        return gateway

    yield start_
    for gateway in started:
        gateway.close()


@pytest.fixture
def gateway(config, start) -> Gateway:
    return start(config)
