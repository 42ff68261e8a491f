"""The embedded server runs on what is rendered."""

import urllib.request

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_health.v1 import health_pb2_grpc

from serving.deploy import server_config
from serving.deploy.rendered_files import write_files
from serving.model_server.settings.flags import parse_flags
from serving.protos import prediction_service_pb2_grpc
from tests.serving.conformance.conftest import take_free_ports
from tests.serving.conformance.conftest import wait_until
from tests.serving.conftest import add_version
from tests.serving.deploy.conftest import build_values
from tests.serving.requests import build_items_request

_CONTAINER_FOLDERS = (
    server_config.MODELS_CONFIG_FOLDER,
    server_config.SERVER_CONFIG_FOLDER,
)


def _build_values(stable: int):
    labels = {"stable": stable, "canary": 2}
    return build_values(
        model={"versions": [1, 2], "labels": labels},
        server={"config_poll_seconds": 1},
    )


def _render(values, folder):
    """Renders for a machine where the models lie elsewhere."""
    write_files(values, folder)
    file = folder / "model-server" / "models" / server_config.MODELS_CONFIG
    placed = file.read_text().replace(
        server_config.MODELS_FOLDER, str(folder / "models")
    )
    file.write_text(placed)


@pytest.fixture(scope="module")
def folder(recommender_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("deployed")
    for version in (1, 2):
        add_version(
            folder / "models" / "tastemaker", version, recommender_model
        )
    _render(_build_values(stable=1), folder)
    return folder


@pytest.fixture(scope="module")
def arguments(folder):
    """The rendered command line with the folders of this machine."""
    ports = dict(
        zip(("port", "rest_api_port"), take_free_ports(2), strict=True)
    )
    words = []
    for word in server_config.build_arguments(_build_values(stable=1)):
        name = word.removeprefix("--").partition("=")[0]
        if name in ports:
            word = f"--{name}={ports[name]}"
        for container in _CONTAINER_FOLDERS:
            place = folder / "model-server" / container.rpartition("/")[2]
            word = word.replace(container, str(place))
        words.append(word)
    return words


@pytest.fixture(scope="module")
def server(arguments):
    from serving.model_server.server import ModelServer

    flags = parse_flags(arguments)
    with ModelServer(
        flags.model_name, flags.model_base_path, flags.port, flags.options
    ) as running:
        yield running


@pytest.fixture(scope="module")
def channel(server):
    with grpc.insecure_channel(f"localhost:{server.port}") as opened:
        yield opened


def _read(server, path):
    url = f"http://localhost:{server.rest_port}{path}"
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode()


def _ask(channel, label):
    request = build_items_request()
    request.model_spec.version_label = label
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    return stub.Predict(request, timeout=20).model_spec.version.value


def test_every_flag_is_one_that_the_server_knows(arguments, capsys):
    parse_flags(arguments)
    assert capsys.readouterr().err == ""


def test_probes_find_what_they_ask_for(server, channel):
    path = server_config.get_readiness_path(_build_values(stable=1))
    assert "signature_def" in _read(server, path)
    stub = health_pb2_grpc.HealthStub(channel)
    answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=20)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_prometheus_finds_the_page(server, channel):
    assert _ask(channel, "canary") == 2
    page = _read(server, server_config.METRICS_PATH)
    assert ":tensorflow:serving:request_count{" in page


def test_label_moves_to_a_loaded_version_without_a_restart(channel, folder):
    wait_until(lambda: _is_answered_by(channel, "stable", 1))
    _render(_build_values(stable=2), folder)
    wait_until(lambda: _is_answered_by(channel, "stable", 2))


def _is_answered_by(channel, label, version):
    """Ports open with the first version that serves, here 2."""
    try:
        return _ask(channel, label) == version
    except grpc.RpcError as error:
        assert error.code() is grpc.StatusCode.NOT_FOUND
        return False
