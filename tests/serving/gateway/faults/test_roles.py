"""Every route wants its role, and nobody asks without end."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from serving.gateway.__main__ import main
from serving.gateway.access.access import Access
from serving.gateway.access.api_keys import ApiKeys
from serving.gateway.access.rate_limits import RateLimits
from serving.gateway.api.app import build_app
from serving.gateway.gateway import Gateway
from tests.serving.gateway.access.conftest import write_keys
from tests.serving.gateway.conftest import build_config

_ROLES = {
    ("post", "/v1/recommendations"): "read",
    ("get", "/v1/recommendations"): "read",
    ("get", "/v1/similar"): "read",
    ("post", "/v1/explanations"): "read",
    ("get", "/v1/overview"): "read",
    ("get", "/v1/items"): "read",
    ("get", "/v1/items/{item_id}"): "read",
    ("get", "/v1/users/{user_id}/events"): "read",
    ("post", "/v1/events"): "write",
    ("post", "/v1/feedback"): "write",
    ("post", "/v1/profiles"): "write",
    ("post", "/v1/undo"): "write",
    ("post", "/v1/items"): "admin",
    ("patch", "/v1/items/{item_id}"): "admin",
    ("delete", "/v1/items/{item_id}"): "admin",
    ("get", "/v1/personas"): "admin",
    ("get", "/v1/users"): "admin",
    ("delete", "/v1/users/{user_id}"): "admin",
    ("get", "/v1/policies"): "admin",
    ("post", "/v1/policies/{name}/reset"): "admin",
    ("post", "/v1/spans"): "admin",
}
_OPEN = {("get", "/healthz"), ("get", "/readyz")}
# Which keys open a role: `admin` opens all.
_OPENED_BY = {
    "read": {"reader", "op"},
    "write": {"writer", "op"},
    "admin": {"op"},
}


@pytest.fixture
def open_with_limit(upstream, tmp_path) -> Callable[[int], TestClient]:
    def open_(requests_per_second: int) -> TestClient:
        path = tmp_path / "keys.yaml"
        write_keys(path, reader="read", writer="write", op="admin")
        access = Access(
            ApiKeys.from_file(path), RateLimits(requests_per_second, 60)
        )
        config = build_config(tmp_path, upstream.address)
        return TestClient(build_app(Gateway(config), access))

    return open_


def _ask(client, method, path, key=None):
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    path = path.format(user_id="nobody", item_id="none", name="none")
    json = {} if method in ("post", "patch") else None
    return client.request(method, path, headers=headers, json=json)


def test_every_route_asks_for_its_role(open_with_limit):
    with open_with_limit(1_000_000) as client:
        document = client.get("/openapi.json").json()
        found = {
            (method, path)
            for path, operations in document["paths"].items()
            for method in operations
        }
        assert found == _ROLES.keys() | _OPEN
        for (method, path), role in _ROLES.items():
            for key in (None, "", "reader", "a" * 10_000):
                answer = _ask(client, method, path, key)
                assert answer.status_code == 401, (method, path, key)
                assert answer.headers["WWW-Authenticate"] == "Bearer"
            for name in ("reader", "writer", "op"):
                status = _ask(client, method, path, f"{name}-key").status_code
                is_open = status not in (401, 403)
                assert is_open == (name in _OPENED_BY[role]), (path, name)
        for method, path in _OPEN:
            assert _ask(client, method, path).status_code == 200


def test_caller_over_the_limit_is_told_when_to_come_back(open_with_limit):
    with open_with_limit(1) as client:  # 60 requests a minute
        while (
            answer := _ask(client, "get", "/v1/items", "reader-key")
        ).status_code == 200:
            pass
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        # Others are not held back for it, and probes never are.
        ok = _ask(client, "get", "/v1/items", "op-key")
        assert ok.status_code == 200
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
def test_gateway_without_keys_is_for_its_own_machine(
    host, tmp_path, caplog, monkeypatch
):
    monkeypatch.delenv("TASTEMAKER_GATEWAY_KEYS", raising=False)
    config = tmp_path / "gateway.yaml"
    config.write_text("{}")
    assert main([f"--config={config}", f"--host={host}", "--port=0"]) == 1
    assert "loopback" in caplog.text
