"""Asks the REST API of the server under test."""

import json
from typing import Any

import httpx

TIMEOUT_SECONDS = 60


def ask(
    rest_url: str,
    path: str,
    body: Any = None,
    method: str | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """Sends one request.

    Args:
        rest_url: where the API begins.
        path: from the slash on.
        body: bytes as they are; anything else goes as JSON; None = no body.
        method: POST where there is a body, else GET.
        headers: more headers.
    """
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return httpx.request(
        method or ("GET" if body is None else "POST"),
        rest_url + path,
        content=body,
        headers=headers,
        timeout=TIMEOUT_SECONDS,
        trust_env=False,
        verify=False,  # plain HTTP: reading certificates only costs time
    )


def predict(rest_url: str, model: str, body: Any) -> Any:
    """Returns the answer of `:predict`, which must succeed."""
    answer = ask(rest_url, f"/v1/models/{model}:predict", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refuse(rest_url: str, target: str, body: Any) -> tuple[int, str]:
    """Returns status and error of `<target>`, which must not succeed."""
    answer = ask(rest_url, f"/v1/models/{target}", body)
    assert answer.status_code != 200, answer.text
    assert list(answer.json()) == ["error"]
    return answer.status_code, answer.json()["error"]
