"""Turns callers away before anything of their body is read."""

from starlette.types import ASGIApp
from starlette.types import Receive
from starlette.types import Scope
from starlette.types import Send

from serving.gateway.access.access import Access
from serving.gateway.access.body_limits import has_body


class Admission:
    """ASGI middleware: 401 without a key, 429 over the limit.

    A key is needed below /v1/, and wherever a body comes.

    FastAPI reads and parses a body before it asks a dependency: a stranger
    must not make it.
    """

    def __init__(self, app: ASGIApp, access: Access):
        self._app = app
        self._access = access

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if scope["type"] == "http":
            refusal = await self._access.admit(scope)
            if refusal is not None:
                if has_body(scope):
                    # It would be read on, to find the next request.
                    refusal.headers["Connection"] = "close"
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)
