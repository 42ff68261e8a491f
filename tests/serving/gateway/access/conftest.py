"""A gateway in small: routes that tell what reached them, guarded."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter
from fastapi import Body
from fastapi import Depends
from fastapi import FastAPI
from starlette.types import ASGIApp

from serving.gateway.access.access import Access
from serving.gateway.access.api_key import digest_key
from serving.gateway.access.api_keys import ApiKeys
from serving.gateway.access.guard import guard
from serving.gateway.access.rate_limits import RateLimits
from serving.gateway.gateway_config import LimitConfig

MAX_BYTES = 1000


def write_keys(path: Path, **roles: str) -> Path:
    """Writes a key file; the key of NAME is `NAME-key`."""
    lines = [
        f"- {{name: {name}, roles: [{role}],"
        f" sha256: {digest_key(f'{name}-key').hex()}}}\n"
        for name, role in roles.items()
    ]
    path.write_text("".join(lines))
    return path


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Keys of a reader, a writer and an operator."""
    return write_keys(
        tmp_path / "keys.yaml", reader="read", writer="write", op="admin"
    )


class Guarded:
    """The application, what was observed of it, and a way to ask it."""

    def __init__(self, access: Access, seconds: float):
        self.observed: list[tuple[str, str, int]] = []
        self.bodies: list[object] = []
        self.app: ASGIApp = guard(
            self._build(access),
            access,
            LimitConfig(max_body_bytes=MAX_BYTES, body_seconds=seconds),
            self._observe,
        )

    def _build(self, access: Access) -> FastAPI:
        app = FastAPI()
        router = APIRouter(prefix="/v1")

        @router.get(
            "/recommendations", dependencies=[Depends(access.require("read"))]
        )
        def recommend(user_id: str) -> dict:
            return {"slate": []}

        @router.post("/events", dependencies=[Depends(access.require("write"))])
        def post(body: Annotated[object, Body()]) -> dict:
            self.bodies.append(body)
            return {"accepted": 1}

        @router.delete(
            "/users/{user_id:path}",
            dependencies=[Depends(access.require("admin"))],
        )
        def forget(user_id: str) -> dict:
            return {"removed": 1}

        @router.get("/broken")
        def fail(user_id: str) -> dict:
            raise RuntimeError(f"no such user: {user_id}")

        @app.get("/healthz")
        def is_alive() -> dict:
            return {}

        app.include_router(router)
        return app

    def _observe(self, route, method, status, seconds) -> None:
        assert seconds >= 0
        self.observed.append((route, method, status))

    async def ask(self, method: str, path: str, **options) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://gateway"
        ) as client:
            return await client.request(method, path, **options)


@pytest.fixture
def build(key_file: Path) -> Callable[..., Guarded]:
    """Builds a guarded application, with keys unless told otherwise."""

    def build_one(
        has_keys=True, body_seconds=10.0, limits=(1000, 3600), is_local=False
    ) -> Guarded:
        keys = ApiKeys.from_file(key_file) if has_keys else None
        access = Access(keys, RateLimits(*limits), is_local)
        return Guarded(access, body_seconds)

    return build_one
