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


def test_r28_rows_are_predicted(handler):
    assert _predict(handler, "half_plus_two", instances=[1.0, 2, 5]) == (
        200,
        {"predictions": [2.5, 3.0, 4.5]},
    )


def test_r29_columns_are_predicted(handler):
    assert _predict(handler, "toolbox", inputs={"a": [3], "b": [1]}) == (
        200,
        {"outputs": {"total": [4.0], "difference": [2.0]}},
    )


def test_r13_an_output_filter_is_ignored(handler):
    status, answer = _predict(
        handler, "toolbox", inputs={"a": [3], "b": [1]}, output_filter=["x"]
    )
    assert (status, len(answer["outputs"])) == (200, 2)


def test_r21_unknown_signature_comes_before_missing_inputs(handler):
    assert _predict(handler, "toolbox", signature_name="s") == (
        400,
        {"error": 'Serving signature name: "s" not found in signature def'},
    )


def test_r21_unknown_model_comes_before_unknown_signature(handler):
    assert _predict(handler, "m", signature_name="s") == (
        404,
        {"error": "Servable not found for request: Latest(m)"},
    )


def test_r21_bad_json_comes_before_unknown_model(handler):
    status, body = _ask(handler, "POST", "/v1/models/m:predict", b"{")
    assert status == 400
    assert b"JSON Parse error" in body


def test_signature_without_inputs_cannot_be_asked(handler):
    name = "__saved_model_init_op"
    status, answer = _predict(handler, "toolbox", signature_name=name)
    assert status == 400
    assert name in answer["error"]


def test_r26_half_is_unimplemented_by_column_and_wrong_by_row(handler):
    name = "echo_half"
    status, answer = _predict(
        handler, "toolbox", signature_name=name, inputs=[1.0]
    )
    assert (status, answer["error"]) == (
        501,
        "Conversion of JSON Value: 1.0 to type: half",
    )
    status, _ = _predict(
        handler, "toolbox", signature_name=name, instances=[1.0]
    )
    assert status == 400


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


def test_r30_examples_are_classified_and_regressed(handler):
    body = json.dumps(
        {"signature_name": "regress_x_to_y", "examples": [{"x": 2.0}]}
    ).encode()
    path = "/v1/models/half_plus_two/versions/1"
    status, content = _ask(handler, "POST", f"{path}:regress", body)
    assert (status, json.loads(content)) == (200, {"results": [3.0]})
    body = body.replace(b"regress_x_to_y", b"classify_x_to_y")
    status, content = _ask(handler, "POST", f"{path}:classify", body)
    assert (status, json.loads(content)) == (200, {"results": [[["", 3.0]]]})


def test_r06_version_beyond_int64_has_an_empty_body(handler):
    path = f"/v1/models/m/versions/{2**63}"
    assert _ask(handler, "GET", path) == (400, b"")


def test_o03_every_call_is_counted_with_its_code(handler, metrics):
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


def test_o04_only_successful_calls_are_timed(handler, metrics):
    _predict(handler, "half_plus_two", instances=[1.0])
    _ask(handler, "GET", "/v1/models/half_plus_two")
    _predict(handler, "half_plus_two", instances=[])
    counts = [
        line
        for line in metrics.render().splitlines()
        if "_latency_count" in line
    ]
    name = ":tensorflow:serving:"
    labels = 'model_name="half_plus_two",API='
    assert counts == [
        f'{name}request_latency_count{{{labels}"predict",entrypoint="REST"}} 1',
        f'{name}request_latency_count{{{labels}"",entrypoint="REST"}} 1',
        f'{name}runtime_latency_count{{{labels}"Predict",runtime="TF1"}} 1',
    ]


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
