"""REST paths, methods and headers: rules R-01 to R-13."""

import gzip

import pytest

from tests.serving.conformance.rest_requests import ask
from tests.serving.conformance.rest_requests import predict
from tests.serving.conformance.rest_requests import refuse

_MODEL = "/v1/models/half_plus_two"
_ROW = {"instances": [1.0]}


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/models/half_plus_two"])
def test_r01_other_paths_get_html_404(rest_url, path):
    answer = ask(rest_url, path)
    assert answer.status_code == 404
    assert "text/html" in answer.headers["content-type"]


def test_r01_prefix_is_case_insensitive(rest_url):
    assert ask(rest_url, "/V1/MODELS/half_plus_two").status_code == 200


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("", 3.5),  # 1 / 2 + 3: the latest version
        ("/versions/1", 2.5),
        ("/versions/0000000002", 3.5),
        ("/labels/stable", 2.5),
        ("/labels/canary", 3.5),
        ("/labels/can%61ry", 3.5),
        ("/versions/" + "0" * 5000 + "1", 2.5),
    ],
)
def test_r02_versions_and_labels_choose(rest_url, target, expected):
    answer = predict(rest_url, f"half_plus_two{target}", _ROW)
    assert answer == {"predictions": [expected]}


def test_r02_names_are_url_decoded(rest_url):
    answer = predict(rest_url, "half%5Fplus%5Ftwo", _ROW)
    assert answer == {"predictions": [3.5]}


@pytest.mark.parametrize(
    "path", ["", "/versions/1", "/labels/stable", "/metadata"]
)
def test_r03_gets_answer_status_and_metadata(rest_url, path):
    answer = ask(rest_url, _MODEL + path).json()
    is_metadata = path == "/metadata"
    assert ("metadata" in answer) is is_metadata
    assert ("model_version_status" in answer) is not is_metadata


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{_MODEL}:predict"),
        ("POST", _MODEL),
        ("PUT", _MODEL),
        ("DELETE", _MODEL),
        ("PATCH", _MODEL),
        ("TRACE", _MODEL),
        ("X", _MODEL),
        ("POST", f"{_MODEL}:Predict"),
        ("POST", f"{_MODEL}/versions/-1:predict"),
        ("POST", f"{_MODEL}:explain"),
        ("POST", f"{_MODEL}/versions/x:predict"),
        ("POST", f"{_MODEL}/versions/1/labels/stable:predict"),
        ("GET", f"{_MODEL}/"),
        ("GET", "/v1/"),
        ("GET", "/v1/models/"),
    ],
)
def test_r04_anything_else_is_malformed(rest_url, method, path):
    answer = ask(rest_url, path, method=method)
    assert answer.status_code == 400
    assert answer.json() == {"error": f"Malformed request: {method} {path}"}


def test_r05_missing_model_name(rest_url):
    answer = ask(rest_url, "/v1/models")
    assert answer.status_code == 400
    assert answer.json() == {"error": "Missing model name in request."}


@pytest.mark.parametrize("version", [str(2**63), "9" * 5000])
@pytest.mark.parametrize("api", ["", ":predict"])
def test_r06_version_beyond_int64_has_an_empty_body(rest_url, api, version):
    body = b"{}" if api else None
    answer = ask(rest_url, f"{_MODEL}/versions/{version}{api}", body)
    assert (answer.status_code, answer.content) == (400, b"")


def test_r07_not_found_is_404(rest_url):
    assert refuse(rest_url, "nobody:predict", _ROW) == (
        404,
        "Servable not found for request: Latest(nobody)",
    )
    assert refuse(rest_url, "half_plus_two/versions/9:predict", _ROW) == (
        404,
        "Servable not found for request: Specific(half_plus_two, 9)",
    )
    for name, decoded in {"nobody": "nobody", "a%2Fb%3Ac": "a/b:c"}.items():
        assert refuse(rest_url, name, None) == (
            404,
            f"Could not find any versions of model {decoded}",
        )


def test_r07_invalid_argument_is_400(rest_url):
    assert refuse(rest_url, "half_plus_two/labels/x:predict", _ROW) == (
        400,
        "Unrecognized servable version label: x",
    )


def test_r07_unimplemented_is_501(rest_url):
    body = {"signature_name": "echo_half", "inputs": [1.0]}
    assert refuse(rest_url, "toolbox:predict", body)[0] == 501


def test_r08_error_is_a_pretty_object(rest_url):
    text = ask(rest_url, "/v1/models").text
    assert text == '{\n    "error": "Missing model name in request."\n}'


def test_r09_content_type_is_json_whatever_was_sent(rest_url):
    headers = {"content-type": "text/plain"}
    answers = [
        ask(rest_url, f"{_MODEL}:predict", _ROW, headers=headers),
        ask(rest_url, f"{_MODEL}:predict", b"{"),
        ask(rest_url, _MODEL),
        ask(rest_url, f"{_MODEL}/metadata"),
    ]
    for answer in answers:
        assert answer.headers["content-type"] == "application/json"


def test_r10_gzip_bodies_are_inflated(rest_url):
    answer = ask(
        rest_url,
        f"{_MODEL}:predict",
        gzip.compress(b'{"instances": [1.0]}'),
        headers={"content-encoding": "gzip"},
    )
    assert answer.json() == {"predictions": [3.5]}


@pytest.mark.parametrize(
    # Without its time: all processes must name a test alike.
    "body",
    [b"{}", b"", gzip.compress(b"{}", mtime=0)[:-3]],
)
def test_r10_bad_gzip_counts_as_no_body(rest_url, body):
    headers = {"content-encoding": "gzip"}
    answer = ask(rest_url, f"{_MODEL}:predict", body, headers=headers)
    assert answer.status_code == 400
    assert "The document is empty" in answer.text


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://shop.example", 200),
        ("http://x", 200),
        ("file:", 400),
        (None, 400),
    ],
)
def test_r11_options_needs_an_origin_of_the_web(rest_url, origin, status):
    headers = {"origin": origin} if origin else {}
    answer = ask(
        rest_url, f"{_MODEL}:predict", method="OPTIONS", headers=headers
    )
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


def test_r13_no_model_spec_in_answers_and_no_output_filter(rest_url):
    body = {"inputs": {"a": [1], "b": [2]}, "output_filter": ["total"]}
    assert predict(rest_url, "toolbox", body) == {
        "outputs": {"total": [3.0], "difference": [-1.0]}
    }
