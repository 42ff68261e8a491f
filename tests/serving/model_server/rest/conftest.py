"""Models for the REST tests, loaded once, and a server over them."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from serving.model_server.metrics.server_metrics import ServerMetrics
from serving.model_server.rest.rest_options import RestOptions

_MONITORING = "/metrics"


@pytest.fixture(scope="session")
def rest_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict]:
    """`half_plus_two` in version 1 and `toolbox` in version 7."""
    from serving.model_server.versions.loaded_model import LoadedModel
    from serving.model_server.versions.served_model import ServedModel
    from tests.serving.conformance import models as written

    folder: Path = tmp_path_factory.mktemp("rest")
    written.save_half_plus_two(folder / "half_plus_two" / "1")
    written.save_toolbox(folder / "toolbox" / "7")
    models = {}
    for name in ("half_plus_two", "toolbox"):
        models[name] = ServedModel(name, folder / name, LoadedModel)
        models[name].read_directory()
        while models[name].step():
            pass
    yield models
    for model in models.values():
        model.close()


@pytest.fixture(scope="session")
def rest_client(rest_models: dict) -> Iterator[httpx.Client]:
    """Asks a server with small limits, so that tests can reach them."""
    from serving.model_server.rest.rest_server import RestServer

    options = RestOptions(
        max_request_bytes=1 << 20, monitoring_path=_MONITORING
    )
    metrics = ServerMetrics(rest_models)
    server = RestServer("localhost", 0, rest_models, metrics, options)
    server.start()
    url = f"http://localhost:{server.port}"
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        yield client
    server.stop()
