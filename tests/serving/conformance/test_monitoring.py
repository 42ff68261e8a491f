"""The page that Prometheus reads: rules O-01 to O-05."""

import re

import grpc
import pytest

from tests.serving.conformance.requests import build_predict
from tests.serving.conformance.rest_requests import ask
from tests.serving.conformance.rest_requests import predict

_PAGE = "/monitoring/prometheus/metrics"
_COUNT = ":tensorflow:serving:request_count"
_LATENCY = ":tensorflow:serving:request_latency"
_RUNTIME = ":tensorflow:serving:runtime_latency"
_MODEL = "half_plus_two"


def _read(rest_url) -> dict[str, float]:
    """Every sample of the page by its name with labels."""
    lines = ask(rest_url, _PAGE).text.splitlines()
    samples = (line.rpartition(" ") for line in lines if line[0] != "#")
    return {name: float(value) for name, _, value in samples}


def _grown(rest_url, before: dict[str, float], name: str) -> float:
    return _read(rest_url).get(name, 0.0) - before.get(name, 0.0)


@pytest.fixture
def before(rest_url):
    return _read(rest_url)


def test_o01_page_is_on_the_rest_port(rest_url):
    answer = ask(rest_url, _PAGE)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")


def test_o02_lines_have_types_and_no_help(rest_url):
    predict(rest_url, _MODEL, {"instances": [1.0]})
    text = ask(rest_url, _PAGE).text
    assert f"# TYPE {_COUNT} counter\n" in text
    assert f"# TYPE {_LATENCY} histogram\n" in text
    assert "# HELP" not in text
    assert text.endswith("\n")
    sample = re.compile(r'[a-zA-Z_:][\w:]*\{([^"]+"[^"]*",?)*\} \S+')
    for line in text.splitlines():
        assert line.startswith("# TYPE ") or sample.fullmatch(line), line


def test_o03_grpc_calls_are_counted_by_status(rest_url, prediction, before):
    prediction.Predict(build_predict(_MODEL, {"x": [1.0]}))
    with pytest.raises(grpc.RpcError):
        prediction.Predict(build_predict(_MODEL, {}, "nothing"))
    ok = f'{_COUNT}{{model_name="{_MODEL}",status="OK"}}'
    assert _grown(rest_url, before, ok) == 1
    failed = ok.replace("OK", "FAILED_PRECONDITION")
    assert _grown(rest_url, before, failed) == 1


def test_o03_rest_calls_are_counted_by_status(rest_url, before):
    predict(rest_url, _MODEL, {"instances": [1.0]})
    ask(rest_url, f"/v1/models/{_MODEL}")
    ask(rest_url, f"/v1/models/{_MODEL}:predict", b"{")
    ok = f'{_COUNT}{{model_name="{_MODEL}",status="OK"}}'
    assert _grown(rest_url, before, ok) == 2
    failed = ok.replace("OK", "INVALID_ARGUMENT")
    assert _grown(rest_url, before, failed) == 1


@pytest.mark.parametrize(
    ("api", "entrypoint"),
    [("Predict", "GRPC"), ("predict", "REST"), ("", "REST")],
)
def test_o04_only_successful_calls_are_timed(
    rest_url, prediction, before, api, entrypoint
):
    prediction.Predict(build_predict(_MODEL, {"x": [1.0]}))
    predict(rest_url, _MODEL, {"instances": [1.0]})
    ask(rest_url, f"/v1/models/{_MODEL}")
    ask(rest_url, f"/v1/models/{_MODEL}:predict", b"{")
    labels = f'model_name="{_MODEL}",API="{api}",entrypoint="{entrypoint}"'
    assert _grown(rest_url, before, f"{_LATENCY}_count{{{labels}}}") == 1


def test_o05_runtime_is_timed_in_33_buckets(rest_url, before):
    predict(rest_url, _MODEL, {"instances": [1.0]})
    labels = f'model_name="{_MODEL}",API="Predict",runtime="TF1"'
    assert _grown(rest_url, before, f"{_RUNTIME}_count{{{labels}}}") == 1
    buckets = [
        name
        for name in _read(rest_url)
        if name.startswith(f"{_RUNTIME}_bucket{{{labels},")
    ]
    # 33 bounds that grow by 1.8 from 10 on, and infinity.
    assert len(buckets) == 34
    assert buckets[1].endswith('le="18"}')
    assert buckets[-1].endswith('le="+Inf"}')
