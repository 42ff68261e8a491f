"""The HTTP border, asked through a real server."""

import gzip
import json

import httpx
import pytest

_PREDICT = "/v1/models/half_plus_two:predict"


def test_r01_other_paths_get_a_page_of_html(rest_client):
    answer = rest_client.get("/")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html"
    assert "<H1>Not Found</H1>" in answer.text


def test_r01_version_prefix_may_be_in_capitals(rest_client):
    assert rest_client.get("/V1/models/toolbox").status_code == 200


def test_r02_encoded_slash_is_part_of_the_name(rest_client):
    answer = rest_client.get("/v1/models/a%2Fb")
    assert answer.json() == {
        "error": "Could not find any versions of model a/b"
    }


def test_query_is_no_part_of_the_path(rest_client):
    assert rest_client.get("/v1/models/toolbox?a=b").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "X"])
def test_r04_other_methods_are_malformed(rest_client, method):
    answer = rest_client.request(method, "/v1/models/toolbox")
    assert answer.status_code == 400
    assert answer.json()["error"] == (
        f"Malformed request: {method} /v1/models/toolbox"
    )


def test_r09_content_type_is_json_and_that_of_the_request_is_not_looked_at(
    rest_client,
):
    answer = rest_client.post(
        _PREDICT, content=b'{"inputs": 2}', headers={"content-type": "image/x"}
    )
    assert answer.json() == {"outputs": 3.0}
    assert answer.headers["content-type"] == "application/json"


def test_r10_gzip_body(rest_client):
    headers = {"content-encoding": "gzip"}
    body = gzip.compress(b'{"inputs": 2}')
    answer = rest_client.post(_PREDICT, content=body, headers=headers)
    assert answer.json() == {"outputs": 3.0}
    answer = rest_client.post(_PREDICT, content=b"{}", headers=headers)
    assert answer.status_code == 400
    assert "The document is empty" in answer.text


def test_r10_gzip_bomb_is_refused(rest_client):
    bomb = gzip.compress(b" " * (8 << 20))
    headers = {"content-encoding": "gzip"}
    answer = rest_client.post(_PREDICT, content=bomb, headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("is_chunked", [False, True])
def test_request_beyond_the_limit_is_refused(rest_client, is_chunked):
    body = b" " * (1 << 20) + b"{}"
    content = iter([body[:1000], body[1000:]]) if is_chunked else body
    answer = rest_client.post(_PREDICT, content=content)
    assert answer.status_code == 413
    assert "1048576 bytes" in answer.json()["error"]
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://shop.example", 200),
        ("http://x", 200),
        ("file:", 400),
        ("", 400),
    ],
)
def test_r11_options_needs_an_origin_of_the_web(rest_client, origin, status):
    headers = {"origin": origin} if origin else {}
    answer = rest_client.options(_PREDICT, headers=headers)
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


def test_o01_monitoring_page_is_plain_text(rest_client):
    rest_client.get("/v1/models/toolbox")
    answer = rest_client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain"
    assert ':request_count{model_name="toolbox",status="OK"}' in answer.text
    assert rest_client.get("/metrics/").status_code == 404


def test_absolute_target_is_read_as_a_path(rest_client: httpx.Client):
    url = str(rest_client.base_url)
    request = rest_client.build_request("GET", "/v1/models/toolbox")
    request.extensions["target"] = f"{url}/v1/models/toolbox".encode()
    assert rest_client.send(request).status_code == 200


def test_answer_of_a_head_request_has_no_body(rest_client):
    answer = rest_client.head("/v1/models/toolbox")
    assert (answer.status_code, answer.content) == (400, b"")


def test_large_answer_arrives_whole(rest_client):
    rows = [[number, 1.0] for number in range(20_000)]
    body = {"signature_name": "weigh", "instances": rows}
    answer = rest_client.post(
        "/v1/models/toolbox:predict", content=json.dumps(body).encode()
    )
    # Weights are 1 and 10: the last row gives 19,999 + 10.
    assert answer.json()["predictions"][-1] == [20_009.0]
