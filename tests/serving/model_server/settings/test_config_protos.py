import grpc
import pytest

from serving.model_server.serving_error import ServingError
from serving.model_server.settings.config_protos import BatchingParameters
from serving.model_server.settings.config_protos import MonitoringConfig
from serving.model_server.settings.config_protos import SSLConfig
from serving.model_server.settings.config_protos import parse_text_proto
from serving.model_server.settings.config_protos import read_text_proto


def test_b01_scalars_of_batching_parameters_are_wrapped(tmp_path):
    file = tmp_path / "batching.txt"
    file.write_text(
        "max_batch_size { value: 128 } batch_timeout_micros { value: 0 }\n"
        "allowed_batch_sizes: 64 allowed_batch_sizes: 128\n"
        'pad_variable_length_inputs: true thread_pool_name { value: "x" }\n'
        "enable_large_batch_splitting { value: true }"
    )
    found = read_text_proto(file, BatchingParameters())
    assert found.max_batch_size.value == 128
    assert found.HasField("batch_timeout_micros")
    assert not found.HasField("num_batch_threads")
    assert list(found.allowed_batch_sizes) == [64, 128]
    assert found.pad_variable_length_inputs
    assert found.enable_large_batch_splitting.value
    assert found.thread_pool_name.value == "x"


def test_monitoring_config_holds_switch_and_path():
    found = parse_text_proto(
        'prometheus_config { enable: true path: "/x" }', MonitoringConfig(), "f"
    )
    assert found.prometheus_config.enable
    assert found.prometheus_config.path == "/x"


def test_o11_ssl_config_holds_the_texts_themselves():
    found = parse_text_proto(
        'server_key: "a\\nb" server_cert: "c" client_verify: true',
        SSLConfig(),
        "f",
    )
    assert found.server_key == "a\nb"
    assert found.client_verify


@pytest.mark.parametrize("text", ["enable: true", "prometheus_config {", "é"])
def test_o12_text_that_is_no_such_proto_is_refused_by_name(tmp_path, text):
    file = tmp_path / "monitoring.txt"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(ServingError) as caught:
        read_text_proto(file, MonitoringConfig())
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert f"Invalid protobuf file: '{file}'" in caught.value.message


def test_missing_file_is_not_found(tmp_path):
    with pytest.raises(ServingError, match="nowhere; No such file") as caught:
        read_text_proto(tmp_path / "nowhere", MonitoringConfig())
    assert caught.value.code is grpc.StatusCode.NOT_FOUND
