import pytest
import yaml

from serving.deploy.gateway_objects import build_gateway_objects
from serving.deploy.gateway_settings import build_gateway_arguments
from serving.deploy.gateway_settings import render_gateway_config
from serving.gateway.__main__ import _build_parser
from serving.gateway.api.listener import check_listener
from serving.gateway.gateway_config import load_gateway_config


@pytest.fixture
def load(tmp_path):
    """Reads what a pod would: the text of the ConfigMap, as a file."""

    def load_config(values):
        path = tmp_path / "gateway.yaml"
        path.write_text(
            build_gateway_objects(values)[0]["data"]["gateway.yaml"]
        )
        return load_gateway_config(path)

    return load_config


def test_gateway_reads_the_rendered_config(build, load):
    config = load(build(model={"name": "shop"}))
    assert config.upstream.address == "model-server:8500"
    assert config.upstream.model_name == "shop"
    assert config.storage.state == "sqlite:////var/lib/gateway/state.sqlite"
    assert config.storage.log == "/var/lib/gateway/log"
    assert config.storage.span_hours == 24
    assert config.catalogue is None


def test_gateway_reads_what_the_operator_chose(build, load):
    settings = {
        "storage": {"window_spans": 7, "span_hours": 1.5},
        "upstream": {"timeout_seconds": 0.25},
        "ranking": {"default_policy": "fixed"},
    }
    config = load(
        build(
            gateway={
                "redis": "redis://cache:6380/1",
                "catalogue": "items.jsonl",
                "config": settings,
            }
        )
    )
    assert config.storage.window_spans == 7
    assert config.storage.span_hours == 1.5
    assert config.storage.state == "redis://cache:6380/1"
    assert config.upstream.timeout_seconds == 0.25
    assert config.upstream.address == "model-server:8500"
    assert config.ranking.default_policy == "fixed"
    assert config.catalogue == "/models/items.jsonl"


def test_compose_and_cluster_have_the_same_config(values, files):
    if values.gateway.enabled:
        text = render_gateway_config(values)
        assert yaml.safe_load(files["gateway/gateway.yaml"]) == yaml.safe_load(
            text
        )


def test_gateway_knows_every_rendered_flag_and_asks_for_keys():
    options = _build_parser().parse_args(build_gateway_arguments())
    assert options.port == 8080
    assert str(options.config) == "/config/gateway.yaml"
    assert str(options.keys) == "/secrets/keys.yaml"
    with pytest.raises(ValueError, match=r"host='0\.0\.0\.0'"):
        check_listener(
            options.host, has_keys=False, is_insecure=options.insecure
        )
