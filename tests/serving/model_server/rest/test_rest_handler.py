import json
import time

import pytest

from serving.model_server.metrics.server_metrics import REQUEST_COUNT
from serving.model_server.metrics.server_metrics import ServerMetrics
from serving.model_server.rest.request_path import parse_call
from serving.model_server.rest.rest_handler import RestHandler
from serving.model_server.serving_error import ServingError
from serving.model_server.versions.loaded_model import LoadedModel
from serving.model_server.versions.served_model import ServedModel
from serving.query import Query
from serving.query_tensors import build_query_inputs
from tests.serving.conftest import add_version


@pytest.fixture
def metrics(rest_models):
    return ServerMetrics(rest_models)


@pytest.fixture
def handler(rest_models, metrics):
    return RestHandler(rest_models, metrics, 30.0)


def _ask(handler, method: str, path: str, body: bytes = b"") -> tuple:
    call = parse_call(method, path)
    answer = handler.answer(call, body, time.perf_counter())
    return answer.status, answer.body


def _predict(handler, target: str, **body) -> tuple:
    data = json.dumps(body).encode()
    status, content = _ask(
        handler, "POST", f"/v1/models/{target}:predict", data
    )
    return status, json.loads(content)


def test_signature_without_inputs_cannot_be_asked(handler):
    name = "__saved_model_init_op"
    status, answer = _predict(handler, "toolbox", signature_name=name)
    assert status == 400
    assert name in answer["error"]


def test_r12_run_that_takes_too_long_is_cut(slow_recommender_model, base_path):
    add_version(base_path, 1, slow_recommender_model)
    model = ServedModel("m", base_path, LoadedModel)
    model.read_directory()
    while model.step():
        pass
    inputs = build_query_inputs([Query(item_ids=["i01"])])
    # Its run takes 400 ms.
    handler = RestHandler({"m": model}, ServerMetrics(), timeout_seconds=0.05)
    status, answer = _predict(
        handler,
        "m",
        signature_name="encode_query",
        inputs={name: _to_json(array) for name, array in inputs.items()},
    )
    model.close()
    assert status == 504, answer


def _to_json(array):
    if array.dtype == object:
        array = array.astype("S").astype("U")
    return array.tolist()


def test_every_call_is_counted_with_its_code(handler, metrics):
    _predict(handler, "half_plus_two", instances=[1.0])
    _ask(handler, "GET", "/v1/models/half_plus_two")
    _predict(handler, "half_plus_two", instances=[])
    _ask(handler, "GET", "/v1/models/invented")
    _ask(handler, "PUT", "/v1/models/half_plus_two")
    counts = {
        ("half_plus_two", "OK"): 2,
        ("half_plus_two", "INVALID_ARGUMENT"): 1,
        ("_unknown_", "NOT_FOUND"): 1,
        ("", "INVALID_ARGUMENT"): 1,
    }
    for (name, status), count in counts.items():
        labels = {"model_name": name, "status": status}
        assert metrics.get_count(REQUEST_COUNT, labels) == count


def test_fault_nobody_expected_is_answered_as_internal():
    handler = RestHandler({"m": "no model"}, ServerMetrics(), 30.0)
    status, answer = _predict(handler, "m", instances=[1])
    assert status == 500
    assert "AttributeError" in answer["error"]


def test_refusal_is_counted_too(handler, metrics):
    call = parse_call("GET", "/v1/models/toolbox")
    error = ServingError.from_number(8, "busy")  # RESOURCE_EXHAUSTED
    assert handler.refuse(call, error).status == 429
    labels = {"model_name": "toolbox", "status": "RESOURCE_EXHAUSTED"}
    assert metrics.get_count(REQUEST_COUNT, labels) == 1
