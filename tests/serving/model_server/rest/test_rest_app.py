"""The HTTP border, asked through a real server."""

import gzip
import json

import httpx
import pytest

_PREDICT = "/v1/models/half_plus_two:predict"


def test_query_is_no_part_of_the_path(rest_client):
    assert rest_client.get("/v1/models/toolbox?a=b").status_code == 200


def test_gzip_bomb_is_refused(rest_client):
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
