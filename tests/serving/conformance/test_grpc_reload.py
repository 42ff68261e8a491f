"""HandleReloadConfigRequest: rules Q-*; each test puts the config back."""

import threading
from concurrent import futures

import grpc
import pytest
from google.protobuf import text_format

from serving.protos import model_management_pb2
from serving.protos import model_server_config_pb2
from serving.tensors import decode_tensor
from tests.serving.conformance.conftest import wait_until
from tests.serving.conformance.models import CONFIG_FILE
from tests.serving.conformance.models import save_half_plus_two
from tests.serving.conformance.requests import TIMEOUT_SECONDS
from tests.serving.conformance.requests import build_predict
from tests.serving.conformance.requests import read_refusal
from tests.serving.conformance.requests import read_states

_INVALID = grpc.StatusCode.INVALID_ARGUMENT
_PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION
_HALF = "half_plus_two"


@pytest.fixture(scope="module")
def config(models_dir):
    """The config in force at the start, with the server's own paths."""
    text = (models_dir / CONFIG_FILE).read_text()
    return text_format.Parse(text, model_server_config_pb2.ModelServerConfig())


@pytest.fixture
def reload(models_service, config):
    """Calls with a config; the old one is put back at the end."""

    def call(changed, timeout=TIMEOUT_SECONDS):
        request = model_management_pb2.ReloadConfigRequest(config=changed)
        return models_service.HandleReloadConfigRequest(
            request, timeout=timeout
        )

    yield call
    call(config)
    wait_until(
        lambda: (
            read_states(models_service, _HALF)
            == {2: "AVAILABLE", 1: "AVAILABLE"}
        )
    )


def _copy(config):
    copy = model_server_config_pb2.ModelServerConfig()
    copy.CopyFrom(config)
    return copy, {m.name: m for m in copy.model_config_list.config}


@pytest.mark.parametrize("kind", ["custom_model_config", None])
def test_q01_only_a_list_of_models_is_taken(models_service, kind):
    request = model_management_pb2.ReloadConfigRequest()
    if kind:
        request.config.custom_model_config.SetInParent()
    assert read_refusal(models_service.HandleReloadConfigRequest, request) == (
        _INVALID,
        "ServerModelConfig type not supported by HandleReloadConfigRequest. "
        "Only ModelConfigList is currently supported",
    )


def test_q02_outcome_is_in_the_answer_too(reload, config):
    response = reload(config)
    assert response.status.error_code == 0
    assert response.status.error_message == ""


def test_q03_list_replaces_the_whole_set(
    reload, config, models_service, prediction
):
    changed, models = _copy(config)
    changed.model_config_list.config.remove(models["toolbox"])
    reload(changed)
    wait_until(lambda: read_states(models_service, "toolbox") == {7: "END"})
    request = build_predict("toolbox", {"a": [1.0], "b": [1.0]})
    assert read_refusal(prediction.Predict, request) == (
        grpc.StatusCode.NOT_FOUND,
        "Servable not found for request: Latest(toolbox)",
    )
    reload(config)  # a new model again: the call waits for it
    assert prediction.Predict(request).outputs


def test_q04_call_returns_when_every_new_model_serves(
    reload, config, models_dir, prediction
):
    save_half_plus_two(models_dir / "extra" / "5", 7.0)
    changed, models = _copy(config)
    extra = changed.model_config_list.config.add()
    extra.CopyFrom(models["growing"])
    extra.name = "extra"
    extra.base_path = extra.base_path.replace("growing", "extra")
    reload(changed)
    response = prediction.Predict(build_predict("extra", {"x": [2.0]}))
    assert decode_tensor(response.outputs["y"]).tolist() == [8.0]


def test_q04_new_model_that_never_comes_is_waited_for(
    reload, config, models_dir
):
    (models_dir / "empty").mkdir(exist_ok=True)
    changed, models = _copy(config)
    extra = changed.model_config_list.config.add()
    extra.CopyFrom(models["growing"])
    extra.name = "empty"
    extra.base_path = extra.base_path.replace("growing", "empty")
    with pytest.raises(grpc.RpcError) as caught:
        reload(changed, timeout=1)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    # The stock server would go on waiting, and every later reload with it.
    save_half_plus_two(models_dir / "empty" / "1")


def test_q04_new_model_that_cannot_load_fails_the_call(
    reload, config, models_dir
):
    (models_dir / "broken" / "1").mkdir(parents=True, exist_ok=True)
    changed, models = _copy(config)
    extra = changed.model_config_list.config.add()
    extra.CopyFrom(models["growing"])
    extra.name = "broken"
    extra.base_path = extra.base_path.replace("growing", "broken")
    with pytest.raises(grpc.RpcError) as caught:
        reload(changed)
    assert caught.value.code() is grpc.StatusCode.UNKNOWN
    assert caught.value.details().startswith(
        "1 model(s) did not become available: {{{name: broken version: 1} due "
        "to error: NOT_FOUND: "
    )


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (
            {"name": _HALF},
            _INVALID,
            "Illegal to list model half_plus_two multiple times in config list",
        ),
        (
            {"base_path": "models/x"},
            _INVALID,
            "Expected model toolbox to have an absolute path or URI; got "
            "base_path()=models/x",
        ),
        (
            {"model_platform": "other"},
            _INVALID,
            "Illegal to change a model's platform. For model toolbox platform "
            "was tensorflow and new platform requested is other",
        ),
        (
            {"name": "extra", "model_platform": "other"},
            _INVALID,
            "Model extra requests unsupported platform other",
        ),
        (
            {"name": "extra", "model_platform": ""},
            _INVALID,
            "Illegal setting neither ModelServerConfig::model_type "
            "(deprecated) nor ModelServerConfig::model_platform.",
        ),
        (
            {"name": "extra", "model_type": 1},
            _INVALID,
            "Illegal setting both ModelServerConfig::model_type (deprecated) "
            "and ModelServerConfig::model_platform.",
        ),
    ],
    ids=["twice", "relative", "change", "platform", "neither", "both"],
)
def test_q05_config_that_contradicts_itself_is_refused(
    reload, config, change, code, message
):
    changed, models = _copy(config)
    model = models["toolbox"]
    if change.get("name") == "extra":
        model = changed.model_config_list.config.add()
        model.CopyFrom(models["growing"])
    for name, value in change.items():
        setattr(model, name, value)
    with pytest.raises(grpc.RpcError) as caught:
        reload(changed)
    assert (caught.value.code(), caught.value.details()) == (code, message)


def test_q06_failed_label_leaves_the_models_as_they_are(
    reload, config, prediction
):
    changed, models = _copy(config)
    changed.model_config_list.config.remove(models["toolbox"])
    models[_HALF].version_labels["stable"] = 99
    with pytest.raises(grpc.RpcError) as caught:
        reload(changed)
    assert caught.value.code() is _PRECONDITION
    request = build_predict("toolbox", {"a": [1.0], "b": [1.0]})
    assert prediction.Predict(request).outputs
    request = build_predict(_HALF, {"x": [2.0]})
    request.model_spec.version_label = "stable"
    assert prediction.Predict(request).model_spec.version.value == 1


def test_q07_known_label_moves_only_to_a_version_that_serves(
    reload, config, prediction
):
    changed, models = _copy(config)
    models[_HALF].version_labels["stable"] = 99
    with pytest.raises(grpc.RpcError) as caught:
        reload(changed)
    assert (caught.value.code(), caught.value.details()) == (
        _PRECONDITION,
        "Request to assign label to version 99 of model half_plus_two, which "
        "is not currently available for inference",
    )
    models[_HALF].version_labels["stable"] = 2
    reload(changed)
    request = build_predict(_HALF, {"x": [2.0]})
    request.model_spec.version_label = "stable"
    assert prediction.Predict(request).model_spec.version.value == 2


def test_q07_new_label_may_wait_for_its_version_where_the_flag_allows(
    reload, config, prediction
):
    changed, models = _copy(config)
    models[_HALF].version_labels["next"] = 99
    reload(changed)
    request = build_predict(_HALF, {"x": [2.0]})
    request.model_spec.version_label = "next"
    assert read_refusal(prediction.Predict, request) == (
        grpc.StatusCode.NOT_FOUND,
        "Servable not found for request: Specific(half_plus_two, 99)",
    )


def test_l04_label_that_the_config_drops_is_unknown(reload, config, prediction):
    changed, models = _copy(config)
    del models[_HALF].version_labels["canary"]
    reload(changed)
    request = build_predict(_HALF, {"x": [2.0]})
    request.model_spec.version_label = "canary"
    assert read_refusal(prediction.Predict, request)[0] is _INVALID


def test_q08_answer_tells_how_much_a_counter_grew(models_service, config):
    name = "/tensorflow/serving/request_count"
    request = model_management_pb2.ReloadConfigRequest(
        config=config, metric_names=[name, "/nothing"]
    )
    response = models_service.HandleReloadConfigRequest(request)
    assert {m.name: m.int64_value_increase for m in response.metric} == {
        name: 0,
        "/nothing": 0,
    }


def test_q10_config_with_request_logging_is_refused(reload, config):
    changed, models = _copy(config)
    models["toolbox"].logging_config.sampling_config.sampling_rate = 0.5
    with pytest.raises(grpc.RpcError) as caught:
        reload(changed)
    assert (caught.value.code(), caught.value.details()) == (
        _INVALID,
        "No request-logger-creator provided.",
    )


def test_reload_that_changes_nothing_disturbs_no_request(
    reload, config, prediction
):
    is_over = threading.Event()
    request = build_predict(_HALF, {"x": [2.0]})

    def ask():
        count = 0
        while not is_over.is_set():
            prediction.Predict(request, timeout=TIMEOUT_SECONDS)
            count += 1
        return count

    with futures.ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        try:
            for _ in range(5):
                reload(config)
        finally:
            is_over.set()
        assert all(future.result() > 0 for future in asking)
