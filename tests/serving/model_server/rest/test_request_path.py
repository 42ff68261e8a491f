import pytest

from serving.model_server.rest.request_path import is_api_path
from serving.model_server.rest.request_path import parse_call


@pytest.mark.parametrize(
    ("path", "is_api"),
    [
        ("/v1/models/m", True),
        ("/V1/anything", True),
        ("/v1/", True),
        ("/v1", False),
        ("/", False),
        ("/x/v1/models/m", False),
    ],
)
def test_r01_only_paths_below_v1_reach_the_api(path, is_api):
    assert is_api_path(path) is is_api


@pytest.mark.parametrize("api", ["predict", "classify", "regress"])
def test_r02_posts_name_model_and_method(api):
    call = parse_call("POST", f"/v1/models/m:{api}")
    assert (call.api, call.metric_api, call.spec.name) == (api, api, "m")
    assert call.spec.WhichOneof("version_choice") is None
    assert call.error is None


def test_r02_version_and_label_choose_a_version():
    call = parse_call("POST", "/v1/models/m/versions/0012:predict")
    assert call.spec.version.value == 12
    call = parse_call("POST", "/v1/models/m/labels/a%20b:predict")
    assert call.spec.version_label == "a b"


def test_r02_version_zero_is_a_version():
    call = parse_call("POST", "/v1/models/m/versions/0:predict")
    assert call.spec.HasField("version")


def test_r02_names_are_decoded():
    assert parse_call("GET", "/v1/models/a%2Fb%3Ac").spec.name == "a/b:c"
    assert parse_call("GET", "/v1/models/%zz").spec.name == "%zz"
    assert parse_call("GET", "/v1/models/%FF").spec.name == "\ufffd"


def test_r03_gets_ask_for_status_or_metadata():
    assert parse_call("GET", "/v1/models/m").api == "status"
    assert parse_call("GET", "/V1/Models/m/versions/3").api == "status"
    assert parse_call("GET", "/v1/models/m/labels/l/metadata").api == "metadata"
    assert parse_call("GET", "/v1/models/m/metadata").metric_api == ""


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/models/m:predict"),
        ("POST", "/v1/models/m"),
        ("PUT", "/v1/models/m"),
        ("HEAD", "/v1/models/m"),
        ("GET", "/v1/models/"),
        ("GET", "/v1/models/m/"),
        ("POST", "/v1/models/m:Predict"),
        ("POST", "/v1/models/m:explain"),
        ("POST", "/v1/models/m/versions/-1:predict"),
        ("POST", "/v1/models/m/versions/x:predict"),
        ("POST", "/v1/models/m/versions/1/labels/l:predict"),
        ("GET", "/v1/"),
    ],
)
def test_r04_anything_else_is_malformed(method, path):
    call = parse_call(method, path)
    assert call.error.message == f"Malformed request: {method} {path}"
    assert not call.has_empty_answer


def test_r05_list_of_models_is_not_offered():
    for path in ("/v1/models", "/v1/models/versions/3"):
        message = parse_call("GET", path).error.message
        assert message == "Missing model name in request."


@pytest.mark.parametrize("version", ["9223372036854775808", "9" * 5000])
def test_r06_version_beyond_int64_has_an_empty_answer(version):
    call = parse_call("GET", f"/v1/models/m/versions/{version}")
    assert call.has_empty_answer
    assert call.spec.name == "m"


def test_r06_greatest_version_and_zeros_before_it_are_read():
    path = "/v1/models/m/versions/" + "0" * 5000 + "9223372036854775807"
    assert parse_call("GET", path).spec.version.value == 2**63 - 1
