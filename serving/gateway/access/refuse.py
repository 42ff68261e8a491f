"""The answer to a request that is refused before it reaches a route."""

from collections.abc import Mapping

from starlette.responses import JSONResponse


def refuse(
    status: int, detail: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Builds the same answer as routes give: `{"detail": "..."}`.

    Args:
        status: of HTTP, 4xx or 503.
        detail: what the caller must change.
        headers: such as Retry-After.
    """
    return JSONResponse({"detail": detail}, status, dict(headers or {}))
