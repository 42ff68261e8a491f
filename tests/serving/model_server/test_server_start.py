"""What a server is started with: ports, config files, patience."""

import urllib.request

import pytest

from serving.client import RecommenderClient
from serving.model_server.server import ModelServer
from serving.model_server.server import ServerOptions
from serving.model_server.serving_error import ServingError
from serving.query import Query
from tests.serving.conformance.conftest import take_free_ports
from tests.serving.conformance.conftest import wait_until
from tests.serving.conftest import add_version


def test_f02_rest_on_the_port_of_grpc_is_left_off(
    base_path, recommender_model, caplog
):
    add_version(base_path, 1, recommender_model)
    (port,) = take_free_ports(1)
    options = ServerOptions(host="127.0.0.1", rest_api_port=port)
    with ModelServer("tastemaker", base_path, port, options) as server:
        assert server.rest_port is None
        with RecommenderClient(f"127.0.0.1:{server.port}") as client:
            assert client.status()[0].state == "AVAILABLE"
    assert "--rest_api_port cannot be same as --port" in caplog.text


def test_f02_rest_is_off_unless_it_has_a_port(base_path, recommender_model):
    add_version(base_path, 1, recommender_model)
    (rest_port,) = take_free_ports(1)
    options = ServerOptions(host="127.0.0.1", rest_api_port=rest_port)
    with ModelServer("tastemaker", base_path, 0, options) as server:
        assert server.rest_port == rest_port
    with ModelServer("tastemaker", base_path, 0) as server:
        assert server.rest_port is None


def test_ports_are_named_in_one_line(
    base_path, recommender_model, tmp_path, caplog
):
    caplog.set_level("INFO")
    add_version(base_path, 1, recommender_model)
    monitoring = tmp_path / "monitoring.txt"
    monitoring.write_text('prometheus_config { enable: true path: "/m" }')
    (rest_port,) = take_free_ports(1)
    options = ServerOptions(
        host="127.0.0.1",
        rest_api_port=rest_port,
        monitoring_config_file=str(monitoring),
    )
    with ModelServer("tastemaker", base_path, 0, options) as server:
        told = f"gRPC: port {server.port}; REST: port {rest_port}; metrics: "
        assert f"Ready. {told}port {rest_port}/m" in caplog.text
        url = f"http://127.0.0.1:{rest_port}/m"
        page = urllib.request.urlopen(url, timeout=20).read().decode()
        labels = 'model_name="tastemaker",version="1"'
        assert f":served_version{{{labels}}} 1" in page
        labels = f'model_path="{base_path / "1"}",status="success"'
        assert f":load_attempt_count{{{labels}}} 1" in page
    with ModelServer("tastemaker", base_path, 0) as server:
        told = f"gRPC: port {server.port}; REST: off; metrics: off"
        assert told in caplog.text


def test_server_that_does_not_wait_answers_before_its_models_are_there(
    base_path, recommender_model
):
    options = ServerOptions(
        host="localhost",
        wait_for_models=False,
        file_system_poll_wait_seconds=0.02,
    )
    with (
        ModelServer("tastemaker", base_path, 0, options) as server,
        RecommenderClient(f"localhost:{server.port}") as client,
    ):
        with pytest.raises(LookupError, match=r"Latest\(tastemaker\)"):
            client.recommend(Query(), 1)
        add_version(base_path, 1, recommender_model)
        wait_until(lambda: server.models["tastemaker"].is_serving(1))
        assert client.recommend(Query(), 1)[0].model_version == 1


def test_f07_models_of_a_config_file_follow_the_file(
    tmp_path, recommender_model
):
    entry = """config {{
        name: "{0}" base_path: "{1}/{0}" model_platform: "tensorflow" }}"""
    for name in "ab":
        add_version(tmp_path / name, 1, recommender_model)
    file = tmp_path / "models.config"

    def write(*names):
        entries = "".join(entry.format(name, tmp_path) for name in names)
        file.with_suffix(".new").write_text(
            f"model_config_list {{ {entries} }}"
        )
        file.with_suffix(".new").replace(file)

    write("a")
    options = ServerOptions(
        host="localhost",
        model_config_file=str(file),
        model_config_file_poll_wait_seconds=0.05,
        file_system_poll_wait_seconds=0.02,
    )
    with ModelServer("ignored", "/ignored", 0, options) as server:
        assert list(server.models) == ["a"]
        write("b")
        wait_until(
            lambda: "b" in server.models and server.models["b"].is_serving(1)
        )
        wait_until(lambda: not server.models["a"].is_serving(1))


def test_o12_config_file_that_cannot_be_parsed_ends_the_start(tmp_path):
    file = tmp_path / "models.config"
    file.write_text("model_config_list: nonsense")
    options = ServerOptions(model_config_file=str(file))
    with pytest.raises(ServingError, match=f"Invalid protobuf file: '{file}'"):
        ModelServer("ignored", "/ignored", 0, options)


def test_stopping_twice_is_fine(base_path, recommender_model):
    add_version(base_path, 1, recommender_model)
    server = ModelServer("tastemaker", base_path)
    server.start()
    server.stop()
    server.stop()
