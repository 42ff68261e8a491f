"""Answers over REST: rules R-28 to R-32, and S-03 over REST."""

import base64

import pytest

from tests.serving.conformance.rest_requests import ask
from tests.serving.conformance.rest_requests import predict
from tests.serving.conformance.rest_requests import refuse

_TOOLBOX = "toolbox"
_HALF = "half_plus_two/versions/1"


def _run(rest_url, target: str, body: dict):
    answer = ask(rest_url, f"/v1/models/{target}", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_r28_rows_of_several_outputs_are_objects(rest_url):
    body = {"instances": [{"a": 3, "b": 1}, {"a": 5, "b": 1}]}
    assert predict(rest_url, _TOOLBOX, body) == {
        "predictions": [
            {"total": 4.0, "difference": 2.0},
            {"total": 6.0, "difference": 4.0},
        ]
    }


def test_r28_rows_of_one_output_are_bare(rest_url):
    body = {"signature_name": "weigh", "instances": [[1, 2], [3, 4]]}
    assert predict(rest_url, _TOOLBOX, body) == {
        "predictions": [[21.0], [43.0]]
    }


def test_r28_scalar_output_has_no_rows(rest_url):
    body = {"signature_name": "scalar", "instances": [1, 2]}
    assert refuse(rest_url, f"{_TOOLBOX}:predict", body) == (
        400,
        "Tensor name: mean has no shape information ",
    )


def test_r28_outputs_of_different_length_have_no_rows(rest_url):
    body = {"signature_name": "uneven", "instances": [1, 2, 3]}
    status, message = refuse(rest_url, f"{_TOOLBOX}:predict", body)
    assert status == 400
    assert "has inconsistent batch size" in message


def test_r29_columns_are_whole_tensors(rest_url):
    body = {"signature_name": "scalar", "inputs": [1, 2]}
    assert predict(rest_url, _TOOLBOX, body) == {"outputs": 1.5}
    body = {"inputs": {"a": [3], "b": [1]}}
    assert predict(rest_url, _TOOLBOX, body) == {
        "outputs": {"total": [4.0], "difference": [2.0]}
    }


def test_r29_outputs_named_bytes_are_base64(rest_url):
    body = {"signature_name": "texts", "instances": ["ab"]}
    assert predict(rest_url, _TOOLBOX, body) == {
        "predictions": [{"upper": "AB", "text_bytes": {"b64": "YWI="}}]
    }


def test_r29_strings_that_are_no_utf8_pass_unchecked(rest_url):
    value = {"b64": base64.b64encode(b"\xff\xfe").decode()}
    body = {"signature_name": "echo_string", "inputs": [value]}
    answer = ask(rest_url, f"/v1/models/{_TOOLBOX}:predict", body)
    assert b'"\xff\xfe"' in answer.content


@pytest.mark.parametrize("value", [0.1, 1.0, 1e-30, 3.25, 123456.0, -2e20])
def test_r29_floats_are_short_and_have_a_decimal_part(rest_url, value):
    for dtype in ("float", "double"):
        body = {"signature_name": f"echo_{dtype}", "inputs": value}
        answer = ask(rest_url, f"/v1/models/{_TOOLBOX}:predict", body)
        text = answer.text.partition(":")[2].strip(" \n}")
        assert set(text) & {".", "e"}
        assert float(text) == value
        assert len(text) <= len("123456.0")


def test_r29_nan_and_infinity_are_bare_words(rest_url):
    body = {"signature_name": "nothing_finite", "inputs": [1, -1, 0]}
    answer = ask(rest_url, f"/v1/models/{_TOOLBOX}:predict", body)
    text = answer.text.replace(" ", "").replace("\n", "")
    assert text == '{"outputs":[Infinity,-Infinity,NaN]}'


@pytest.mark.parametrize("dtype", ["half", "bfloat16"])
def test_r29_half_outputs_cannot_be_written(rest_url, dtype):
    body = {"signature_name": f"to_{dtype}", "inputs": [1.0]}
    assert refuse(rest_url, f"{_TOOLBOX}:predict", body) == (
        400,
        f"Failed to write JSON value for tensor type: {dtype}",
    )


def test_r30_answer_key_is_results(rest_url):
    body = {
        "signature_name": "regress_x_to_y",
        "examples": [{"x": 2.0}, {"x": [4.0]}],
    }
    assert _run(rest_url, f"{_HALF}:regress", body) == {"results": [3.0, 4.0]}
    body["signature_name"] = "classify_both"
    # y = x / 2 + 2, y3 = x2 / 2 + 3, and x2 is 0 where it is missing.
    assert _run(rest_url, f"{_HALF}:classify", body) == {
        "results": [
            [["3.0", 3.0], ["3.0", 3.0]],
            [["4.0", 4.0], ["3.0", 3.0]],
        ]
    }


def test_r30_context_fills_every_example(rest_url):
    body = {
        "signature_name": "regress_x2_to_y3",
        "context": {"x2": 2.0},
        "examples": [{"x": 2.0}, {"x": 4.0}],
    }
    assert _run(rest_url, f"{_HALF}:regress", body) == {"results": [4.0, 4.0]}


@pytest.mark.parametrize(
    ("feature", "message"),
    [
        ([1, 2.0], "Unexpected element type in feature: x expecting type: int"),
        ([None], "Feature: x has element with unexpected JSON type: Null"),
        ([[1.0]], "Feature: x has element with unexpected JSON type: Array"),
    ],
)
def test_r30_mixed_kinds_are_an_error(rest_url, feature, message):
    body = {"signature_name": "regress_x_to_y", "examples": [{"x": feature}]}
    status, error = refuse(rest_url, f"{_HALF}:regress", body)
    assert status == 400
    assert error.startswith(message)


def test_r30_integers_are_int64_and_do_not_fit_a_float_feature(rest_url):
    body = {"signature_name": "regress_x_to_y", "examples": [{"x": 1}]}
    assert refuse(rest_url, f"{_HALF}:regress", body)[0] == 400


@pytest.mark.parametrize("examples", [None, 1, [], [1]])
def test_r30_examples_must_be_a_list_of_objects(rest_url, examples):
    body = {} if examples is None else {"examples": examples}
    assert refuse(rest_url, f"{_HALF}:classify", body)[0] == 400


def test_c02_unknown_signature_over_rest(rest_url):
    body = {"signature_name": "nothing", "examples": [{"x": 1.0}]}
    assert refuse(rest_url, f"{_HALF}:classify", body) == (
        400,
        "No signature was found with the name: nothing",
    )


def test_r31_status_prints_defaults_and_versions_as_text(rest_url):
    assert ask(rest_url, "/v1/models/toolbox").json() == {
        "model_version_status": [
            {
                "version": "7",
                "state": "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            }
        ]
    }


def test_r31_versions_come_highest_first(rest_url):
    states = ask(rest_url, "/v1/models/half_plus_two").json()
    versions = [each["version"] for each in states["model_version_status"]]
    assert versions[:2] == ["2", "1"]


def test_s03_label_is_ignored_over_rest(rest_url):
    path = "/v1/models/half_plus_two"
    labelled = ask(rest_url, f"{path}/labels/stable").json()
    assert labelled == ask(rest_url, path).json()


def test_r32_metadata_holds_every_signature(rest_url):
    answer = ask(
        rest_url, "/v1/models/half_plus_two/versions/1/metadata"
    ).json()
    assert answer["model_spec"] == {
        "name": "half_plus_two",
        "signature_name": "",
        "version": "1",
    }
    signatures = answer["metadata"]["signature_def"]["signature_def"]
    x = signatures["serving_default"]["inputs"]["x"]
    assert x["dtype"] == "DT_FLOAT"
    assert x["name"] == "x:0"
    assert x["tensor_shape"] == {
        "dim": [{"size": "-1", "name": ""}, {"size": "1", "name": ""}],
        "unknown_rank": False,
    }
    assert signatures["regress_x_to_y"]["method_name"] == (
        "tensorflow/serving/regress"
    )
