"""The gateway's benchmark: its own parts, on a small gateway."""

import threading

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from benchmarks.gateway.load import open_http


async def _answer(request: Request) -> JSONResponse:
    body = await request.json()
    if body["k"] == 0:
        return JSONResponse({"detail": "k"}, 422)
    source = "model" if body["k"] > 1 else "popular"
    return JSONResponse({"source": source})


@pytest.fixture(scope="module")
def address():
    app = Starlette(
        routes=[Route("/v1/recommendations", _answer, methods=["POST"])]
    )
    config = uvicorn.Config(app, port=0, log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        pass
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def test_only_slates_of_the_model_count_as_answers(address):
    with open_http(address) as ask:
        assert ask(b'{"k": 2}') is None
        assert ask(b'{"k": 1}') == "answered by: popular"
        assert ask(b'{"k": 0}').startswith("422")
        assert ask(b'{"k": 2}') is None


def test_gateway_that_is_gone_is_an_error_and_no_crash():
    with open_http("127.0.0.1:1") as ask:
        assert ask(b"{}") == "ConnectionRefusedError"
