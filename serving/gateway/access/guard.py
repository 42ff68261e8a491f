"""Everything between the network and the routes, in its order."""

from collections.abc import Sequence

from starlette.types import ASGIApp

from serving.gateway.access.access import Access
from serving.gateway.access.access_log import AccessLog
from serving.gateway.access.access_log import Observe
from serving.gateway.access.admission import Admission
from serving.gateway.access.body_limits import BodyLimits
from serving.gateway.access.security_headers import SecurityHeaders


def guard(
    app: ASGIApp,
    access: Access,
    body_limits: tuple[int, float],
    observe: Observe,
    image_hosts: Sequence[str] = (),
) -> ASGIApp:
    """Wraps an application from outside, its answers to errors included.

    Every answer is logged and has its headers; who calls is known before a
    body is read, and a body is read before the application begins.

    Args:
        app: FastAPI's application.
        access: keys and limits.
        body_limits: bytes and seconds, see `BodyLimits`.
        observe: see `AccessLog`.
        image_hosts: see `SecurityHeaders`.
    """
    max_bytes, seconds = body_limits
    guarded = BodyLimits(app, max_bytes, seconds)
    guarded = Admission(guarded, access)
    guarded = SecurityHeaders(guarded, image_hosts)
    return AccessLog(guarded, observe)
