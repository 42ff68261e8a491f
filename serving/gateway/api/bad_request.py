"""The error whose message is shown to callers."""

from fastapi import Request
from fastapi.routing import APIRoute

_CHECKED = "/v1/"  # probes may add what they like to the others
_MAX_SHOWN = 100  # letters of what a caller sent


class BadRequest(ValueError):  # noqa: N818  it is what HTTP calls it
    """A caller's request cannot be done; the gateway is not at fault.

    The message is shown to the caller with status 422. Any other `ValueError`
    is a fault of the gateway, such as a damaged state, and its message may
    quote what other users sent.
    """


async def refuse_unknown_parameters(request: Request) -> None:
    """A dependency of all routes: a misspelt parameter is not ignored.

    Asynchronous, so that it needs no thread: requests may occupy all of them.

    Raises:
        BadRequest: the query string has a name that the route does not know.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or not route.path.startswith(_CHECKED):
        return
    known = sorted(one.alias for one in route.dependant.query_params)
    for name in request.query_params:
        if name not in known:
            raise BadRequest(
                f"Parameters must be of {known}. "
                f"Received: {name[:_MAX_SHOWN]!r}."
                if known
                else "There must be no parameters here. "
                f"Received: {name[:_MAX_SHOWN]!r}."
            )
