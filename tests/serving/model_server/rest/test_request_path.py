import pytest

from serving.model_server.rest.request_path import is_api_path
from serving.model_server.rest.request_path import parse_call


@pytest.mark.parametrize(
    ("path", "is_api"),
    [("/V1/anything", True), ("/v1", False), ("/x/v1/models/m", False)],
)
def test_only_paths_below_v1_reach_the_api(path, is_api):
    assert is_api_path(path) is is_api


def test_only_calls_that_run_a_model_have_a_name_in_the_metrics():
    call = parse_call("POST", "/v1/models/m:regress")
    assert (call.api, call.metric_api) == ("regress", "regress")
    for path in ("/v1/models/m", "/v1/models/m/metadata"):
        assert parse_call("GET", path).metric_api == ""


def test_names_that_are_badly_encoded_are_taken_as_they_are():
    assert parse_call("GET", "/v1/models/%zz").spec.name == "%zz"
    assert parse_call("GET", "/v1/models/%FF").spec.name == "\ufffd"


def test_refused_call_still_names_its_model_for_the_metrics():
    call = parse_call("GET", f"/v1/models/m/versions/{2**63}")
    assert call.has_empty_answer
    assert call.spec.name == "m"
    assert not parse_call("HEAD", "/v1/models/m").has_empty_answer


def test_word_that_comes_after_models_may_be_a_name():
    message = parse_call("GET", "/v1/models/versions/3").error.message
    assert message == "Missing model name in request."
