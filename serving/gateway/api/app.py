"""The HTTP application: routes, middleware and error messages."""

import contextlib
import logging
from collections.abc import AsyncIterator

from fastapi import Depends
from fastapi import FastAPI
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp

from serving.gateway.access.access import Access
from serving.gateway.access.guard import guard
from serving.gateway.api.bad_request import BadRequest
from serving.gateway.api.bad_request import refuse_unknown_parameters
from serving.gateway.api.routes.admin import build_admin_router
from serving.gateway.api.routes.behavior import build_behavior_router
from serving.gateway.api.routes.health import build_health_router
from serving.gateway.api.routes.items import build_items_router
from serving.gateway.api.routes.overview import build_overview_router
from serving.gateway.api.routes.slates import build_slates_router
from serving.gateway.gateway import Gateway
from serving.gateway.upstream.model_unavailable import ModelUnavailable
from serving.gateway.web.page import build_page_routes

_DESCRIPTION = """
What an application calls: slates that react to what users just did, the
events and feedback that they react to, and new items.

Errors are `{"detail": "..."}`: 4xx says what the caller must change, 503 that
the same call may work later, 500 that something of the gateway is broken.
"""
_logger = logging.getLogger(__name__)
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


def build_app(gateway: Gateway, access: Access) -> ASGIApp:
    """Builds the application of a gateway, which it starts and closes.

    Args:
        gateway: not started yet.
        access: keys and limits.
    """

    @contextlib.asynccontextmanager
    async def run(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(gateway.start)
        try:
            yield
        finally:
            await run_in_threadpool(gateway.close)

    app = FastAPI(
        title="Tastemaker gateway",
        description=_DESCRIPTION,
        version="1",
        lifespan=run,
        dependencies=[Depends(refuse_unknown_parameters)],
        redoc_url=None,
        docs_url=None,  # it would load scripts from elsewhere
        openapi_url="/openapi.json",
    )
    app.include_router(build_slates_router(gateway, access))
    app.include_router(build_behavior_router(gateway, access))
    app.include_router(build_items_router(gateway, access))
    app.include_router(build_admin_router(gateway, access))
    app.include_router(build_overview_router(gateway, access))
    app.include_router(build_health_router(gateway))
    app.router.routes.extend(build_page_routes(gateway.config.image_origins))
    app.add_exception_handler(RequestValidationError, _refuse_body)
    app.add_exception_handler(ModelUnavailable, _say_try_later)
    app.add_exception_handler(OSError, _hide_storage)
    app.add_exception_handler(BadRequest, _refuse_request)
    app.add_exception_handler(Exception, _hide_fault)
    app.add_exception_handler(HTTPException, _answer_http_error)
    return guard(
        app,
        access,
        gateway.config.limits,
        gateway.metrics.observe_request,
        gateway.config.image_origins,
    )


def _refuse_body(_: Request, error: RequestValidationError) -> Response:
    """Names the wrong fields, without repeating what users wrote."""
    problems = [
        f"`{'.'.join(map(str, one['loc']))}`: {one['msg']}"
        for one in error.errors()[:10]
    ]
    return _answer(422, "; ".join(problems))


def _refuse_request(_: Request, error: BadRequest) -> Response:
    return _answer(422, str(error))


def _hide_fault(_: Request, __: Exception) -> Response:
    """Hides the message from callers: it may quote what others sent.

    Starlette raises the error again for uvicorn, which logs it without its
    message, see `JsonFormatter`.
    """
    return _answer(
        500, "Something is broken here. The gateway's log says what."
    )


def _say_try_later(_: Request, error: ModelUnavailable) -> Response:
    return _answer(503, str(error), {"Retry-After": "1"})


def _hide_storage(_: Request, error: OSError) -> Response:
    """Logs paths and addresses for operators, and hides them from callers."""
    _logger.warning("A request met storage that fails: %s", error)
    detail = "The gateway cannot read or keep this now. Try again."
    return _answer(503, detail, {"Retry-After": "1"})


def _answer_http_error(request: Request, error: HTTPException) -> Response:
    headers = error.headers
    if error.status_code == 405:
        headers = {"Allow": ", ".join(_list_methods(request))}
    return _answer(error.status_code, str(error.detail), headers)


def _list_methods(request: Request) -> list[str]:
    """Lists the methods of a path; a route knows only its own."""
    return [
        method
        for method in _METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]


def _answer(status, detail, headers=None) -> Response:
    # A text may hold half a surrogate pair, which UTF-8 cannot.
    detail = detail.encode("utf-8", "replace").decode()[:2000]
    return JSONResponse({"detail": detail}, status, dict(headers or {}))
