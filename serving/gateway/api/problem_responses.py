"""The error answers in the OpenAPI document."""

from collections.abc import Sequence
from typing import Any

from serving.gateway.api.models import Problem

_MEANINGS = {
    400: "The body is no JSON.",
    401: "A key is needed, and the one shown is none.",
    403: "The key lacks the role.",
    404: "What is named does not exist.",
    408: "The body took too long to arrive.",
    413: "The body is too large.",
    422: "A value is missing, or not one that is allowed.",
    429: "Too many requests; `Retry-After` says how many seconds to wait.",
    503: "Not now; the same call may succeed later.",
}
GUARDED = (401, 403, 422, 429, 503)  # every route that needs a role
WITH_BODY = (400, 408, 413)  # also every route that takes a body


def describe_problems(statuses: Sequence[int]) -> dict[int | str, Any]:
    """Builds the `responses` of routes, for FastAPI.

    FastAPI would document its own form of 422, which `build_app` replaces.

    Args:
        statuses: of HTTP.

    Raises:
        KeyError: a status that no route answers with.
    """
    return {
        status: {"model": Problem, "description": _MEANINGS[status]}
        for status in statuses
    }
