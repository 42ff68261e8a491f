import grpc
import pytest
from google.protobuf import text_format

from serving.model_server.serving_error import ServingError
from serving.model_server.settings.model_configs import ModelServerConfig
from serving.model_server.settings.model_configs import (
    build_single_model_config,
)
from serving.model_server.settings.model_configs import check_model_config
from serving.model_server.settings.model_configs import check_platforms
from serving.model_server.settings.model_configs import parse_base_path
from serving.model_server.settings.model_configs import read_model_config


def _config(*models: str) -> ModelServerConfig:
    entries = "".join(f"config {{ {model} }}" for model in models)
    text = f"model_config_list {{ {entries} }}"
    return text_format.Parse(text, ModelServerConfig())


_A = 'name: "a" base_path: "/m/a" model_platform: "tensorflow"'
_B = 'name: "b" base_path: "/m/b" model_platform: "tensorflow"'


def _refuse(config, current=None):
    with pytest.raises(ServingError) as caught:
        check_model_config(config, current or ModelServerConfig())
        check_platforms(config)
    return caught.value.code, caught.value.message


def test_o13_file_is_read_and_passes(tmp_path):
    file = tmp_path / "models.config"
    file.write_text(f"model_config_list {{ config {{ {_A} }} }}")
    config = read_model_config(file)
    assert config == _config(_A)
    check_model_config(config, ModelServerConfig())
    check_platforms(config)


def test_f05_single_model_is_a_list_of_one():
    assert build_single_model_config("a", "/m/a") == _config(_A)


def test_o14_base_path_of_an_object_store_is_refused_by_name():
    _, message = _refuse(_config(_A.replace("/m/a", "gs://bucket/a")))
    assert "mounted file system. Received: gs://bucket/a" in message


def test_base_path_may_be_a_file_uri():
    check_model_config(
        _config(_A.replace("/m/a", "file:///m/a")), ModelServerConfig()
    )
    assert str(parse_base_path("file:///m/a")) == "/m/a"


def test_type_may_stand_for_the_platform():
    config = _config('name: "a" base_path: "/m/a" model_type: TENSORFLOW')
    check_model_config(config, _config(_A))
    check_platforms(config)
    code, message = _refuse(
        _config('name: "a" base_path: "/m/a" model_type: OTHER')
    )
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert message == "ModelServerConfig::model_type choice 2 not supported."


def test_custom_config_is_refused():
    custom = ModelServerConfig()
    custom.custom_model_config.SetInParent()
    assert "custom model config" in _refuse(custom)[1]
    code, message = _refuse(custom, _config(_A))
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert message.startswith("Cannot transition to requested config.")


def test_config_that_was_refused_halfway_does_not_spoil_later_ones():
    broken = _config('name: "x" base_path: "/m/x"')
    check_model_config(broken, _config(_A))
    with pytest.raises(ServingError, match="Illegal setting neither"):
        check_platforms(broken)
    check_model_config(_config(_A), broken)
