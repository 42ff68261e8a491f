"""The middleware between the network and the routes, in order."""

from collections.abc import Sequence

from starlette.types import ASGIApp
from starlette.types import Receive
from starlette.types import Scope
from starlette.types import Send

from serving.gateway.access.access import PROBES
from serving.gateway.access.access import Access
from serving.gateway.access.access_log import AccessLog
from serving.gateway.access.access_log import Observe
from serving.gateway.access.body_limits import BodyLimits
from serving.gateway.access.body_limits import has_body
from serving.gateway.access.concurrency_limit import ConcurrencyLimit
from serving.gateway.access.security_headers import SecurityHeaders
from serving.gateway.gateway_config import LimitConfig


def guard(
    app: ASGIApp,
    access: Access,
    limits: LimitConfig,
    observe: Observe,
    image_hosts: Sequence[str] = (),
) -> ASGIApp:
    """Wraps an application, including its answers to errors.

    Every answer is logged and has its headers; the caller is identified before
    a body is read, and a body is read before the application begins.

    Args:
        app: FastAPI's application.
        access: keys and limits.
        limits: of bodies and of requests at once.
        observe: see `AccessLog`.
        image_hosts: see `SecurityHeaders`.
    """
    guarded = BodyLimits(app, limits.max_body_bytes, limits.body_seconds)
    guarded = ConcurrencyLimit(guarded, limits.max_concurrency, PROBES)
    guarded = Admission(guarded, access)
    guarded = SecurityHeaders(guarded, image_hosts)
    return AccessLog(guarded, observe)


class Admission:
    """ASGI middleware: 401 without a key, 429 over the limit.

    A key is needed below /v1/, and wherever a body comes.

    FastAPI reads and parses a body before it calls a dependency: callers
    without a key must not cause that.
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
                    # It would be read to its end, to find the next request.
                    refusal.headers["Connection"] = "close"
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)
