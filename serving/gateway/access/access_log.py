"""One line for each request, which names no user."""

import logging
import time
import uuid
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp
from starlette.types import Message
from starlette.types import Receive
from starlette.types import Scope
from starlette.types import Send

_logger = logging.getLogger(__name__)
_METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
_OTHER = "OTHER"
_UNMATCHED = "unmatched"
_UNANSWERED = 499  # nginx's code: the caller disconnected first

Observe = Callable[[str, str, int, float], None]


class AccessLog:
    """ASGI middleware: logs and observes method, route, status and time.

    Paths and query strings hold ids of users, so only the template of the route
    is logged (`/v1/users/{user_id}`), and an id of the request, which the
    caller gets as `X-Request-ID`. Callers can invent methods and paths: both
    are logged by a fixed set of names, fit for metrics.

    uvicorn's own access log must be off, see `build_log_config`.
    """

    def __init__(self, app: ASGIApp, observe: Observe):
        """Wraps an application.

        Args:
            app: what answers.
            observe: gets route, method, status and seconds.
        """
        self._app = app
        self._observe = observe

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex
        status = _UNANSWERED

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        began = time.perf_counter()
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - began
            self._tell(scope, request_id, status, seconds)

    def _tell(
        self, scope: Scope, request_id: str, status: int, seconds: float
    ) -> None:
        method = scope["method"] if scope["method"] in _METHODS else _OTHER
        # As the OpenAPI document has it, without converters.
        route = getattr(scope.get("route"), "path_format", _UNMATCHED)
        self._observe(route, method, status, seconds)
        _logger.info(
            "request",
            extra={
                "method": method,
                "route": route,
                "status": status,
                "ms": round(1000 * seconds, 1),
                "key": scope.get("state", {}).get("key_name"),
                "request_id": request_id,
            },
        )
