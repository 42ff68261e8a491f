import pytest
from google.protobuf import text_format

from serving.deploy.server_config import build_arguments
from serving.deploy.server_config import get_memory_mib
from serving.deploy.server_config import render_models_config
from serving.deploy.server_config import render_server_configs
from serving.model_server.settings.config_protos import BatchingParameters
from serving.model_server.settings.config_protos import MonitoringConfig
from serving.protos import model_server_config_pb2


def _parse_models(values):
    config = text_format.Parse(
        render_models_config(values),
        model_server_config_pb2.ModelServerConfig(),
    )
    (model,) = config.model_config_list.config
    return model


def _get_flags(values):
    return dict(
        argument.removeprefix("--").split("=", 1)
        for argument in build_arguments(values)
    )


def test_o13_models_config_is_a_model_server_config(values):
    model = _parse_models(values)
    assert model.name == "tastemaker"
    assert model.base_path == "/models/tastemaker"
    assert model.model_platform == "tensorflow"
    # The stock server refuses a config that asks for logging (O-09).
    assert not model.HasField("logging_config")


def test_labels_point_to_versions_that_are_loaded(build):
    # Without versions the newest is served.
    assert not _parse_models(build()).HasField("model_version_policy")
    labels = {"stable": 1, "canary": 2}
    model = _parse_models(build(model={"versions": [2, 1], "labels": labels}))
    assert model.model_version_policy.specific.versions == [1, 2]
    assert model.version_labels == labels


def test_labels_at_start_need_a_flag(build):
    flag = "allow_version_labels_for_unavailable_models"
    labelled = build(model={"versions": [1], "labels": {"stable": 1}})
    assert _get_flags(labelled)[flag] == "true"
    assert flag not in _get_flags(build())


def test_monitoring_config_switches_prometheus_on(build):
    text = render_server_configs(build())["monitoring.config"]
    config = text_format.Parse(text, MonitoringConfig())
    assert config.prometheus_config.enable
    path = config.prometheus_config.path
    assert path == "/monitoring/prometheus/metrics"


def test_f11_batching_file_comes_with_its_flag(build):
    assert "batching.config" not in render_server_configs(build())
    assert not any("batching" in flag for flag in _get_flags(build()))
    on = build(server={"cpus": 3, "batching": {"enabled": True}})
    text = render_server_configs(on)["batching.config"]
    parameters = text_format.Parse(text, BatchingParameters())
    assert parameters.max_batch_size.value == 32
    assert parameters.num_batch_threads.value == 3
    flags = _get_flags(on)
    assert flags["enable_batching"] == "true"
    assert flags["batching_parameters_file"].endswith("/batching.config")


def test_h11_loads_have_threads_of_their_own(values):
    assert int(_get_flags(values)["num_load_threads"]) >= 1


@pytest.mark.parametrize(
    ("versions", "memory_mib"),
    # 100 for the process; the old and the new version are both in memory.
    [((), 100 + 2 * 10), ((1,), 100 + 2 * 10), ((1, 2), 100 + 3 * 10)],
)
def test_memory_has_room_for_a_swap(build, versions, memory_mib):
    values = build(
        model={"memory_mib": 10, "versions": versions},
        server={"overhead_mib": 100},
    )
    assert get_memory_mib(values) == memory_mib
