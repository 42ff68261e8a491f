"""The REST API as an ASGI application: reads calls, runs them in threads.

One event loop reads and writes all connections, so that a slow client occupies
a socket and no thread. Only a complete request gets one of the threads in which
models run; beyond a number of such requests others are refused at once.

Source: tensorflow_serving/model_servers/http_server.cc (SERVING rules R-01,
R-09, R-11, O-01).
"""

import asyncio
import dataclasses
import re
import time
from concurrent import futures

import grpc
from starlette.requests import ClientDisconnect
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive
from starlette.types import Scope
from starlette.types import Send

from serving.model_server.metrics.server_metrics import ServerMetrics
from serving.model_server.rest.request_body import BodyTooLargeError
from serving.model_server.rest.request_body import ByteBudget
from serving.model_server.rest.request_body import decompress
from serving.model_server.rest.request_body import measure_plain
from serving.model_server.rest.request_body import read_body
from serving.model_server.rest.request_path import RestCall
from serving.model_server.rest.request_path import is_api_path
from serving.model_server.rest.request_path import parse_call
from serving.model_server.rest.rest_handler import RestAnswer
from serving.model_server.rest.rest_handler import RestHandler
from serving.model_server.rest.rest_options import RestOptions
from serving.model_server.serving_error import ServingError

_JSON = {"content-type": "application/json"}
_TEXT = {"content-type": "text/plain"}
_HTML = {"content-type": "text/html"}
_CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST, GET",
    "access-control-allow-headers": "Content-Type",
}
_HOST_OF_TARGET = re.compile(r"^https?://[^/]*", re.IGNORECASE)
_NOT_FOUND_PAGE = (
    "<HTML><HEAD>\n<TITLE>404 Not Found</TITLE>\n</HEAD><BODY>\n"
    "<H1>Not Found</H1>\n</BODY></HTML>\n"
)
_REQUEST_TIMEOUT = 408
_CONTENT_TOO_LARGE = 413
_LARGE_BODIES_AT_A_TIME = 4


class RestApp:
    """Answers HTTP requests; see the module."""

    def __init__(
        self,
        handler: RestHandler,
        metrics: ServerMetrics,
        options: RestOptions,
        executor: futures.Executor,
    ):
        """Its only state is the number of running calls.

        Args:
            handler: answers whole calls.
            metrics: what the monitoring page shows.
            options: limits and switches.
            executor: the threads in which `handler` runs.
        """
        self._handler = handler
        self._metrics = metrics
        self._options = options
        self._executor = executor
        self._num_running = 0
        self._budget = ByteBudget(
            _LARGE_BODIES_AT_A_TIME * options.max_request_bytes
        )

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        raw_path = request.scope["raw_path"].decode("latin-1")
        path = _HOST_OF_TARGET.sub("", raw_path)
        if path == self._options.monitoring_path:
            return Response(self._metrics.render(), 200, _TEXT)
        if not is_api_path(path):
            return Response(_NOT_FOUND_PAGE, 404, _HTML)
        cors = _CORS if self._options.enable_cors else {}
        if request.method == "OPTIONS":
            origin = request.headers.get("origin", "")
            is_web = re.search("https?://", origin) is not None
            return Response(b"", 200 if is_web else 400, cors)
        call = parse_call(request.method, path)
        answer = await self._answer(request, call)
        is_unread = answer.status in {_REQUEST_TIMEOUT, _CONTENT_TOO_LARGE}
        closing = {"connection": "close"} if is_unread else {}
        return Response(answer.body, answer.status, _JSON | cors | closing)

    async def _answer(self, request: Request, call: RestCall) -> RestAnswer:
        limit = self._options.max_request_bytes
        with self._budget.open_account() as account:
            try:
                async with asyncio.timeout(
                    self._options.transfer_timeout_seconds
                ):
                    body = await read_body(request, limit, account)
                encoding = request.headers.get("content-encoding", "")
                plain = measure_plain(body, encoding, limit)
                account.hold(len(body) + plain)
                return await self._run(call, body, encoding)
            except TimeoutError:
                error = ServingError(
                    grpc.StatusCode.DEADLINE_EXCEEDED,
                    "The request took too long to arrive.",
                )
                return self._refuse(call, error, _REQUEST_TIMEOUT)
            except BodyTooLargeError as error:
                return self._refuse(call, error, _CONTENT_TOO_LARGE)
            except ServingError as error:
                return self._handler.refuse(call, error)

    def _refuse(
        self, call: RestCall, error: ServingError, status: int
    ) -> RestAnswer:
        answer = self._handler.refuse(call, error)
        return dataclasses.replace(answer, status=status)

    async def _run(
        self, call: RestCall, body: bytes, encoding: str
    ) -> RestAnswer:
        if self._num_running >= self._options.max_concurrent_requests:
            raise ServingError(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                f"{self._num_running} requests run or wait already. Try again "
                "later.",
            )
        started = time.perf_counter()
        limit = self._options.max_request_bytes

        def work() -> RestAnswer:
            plain = decompress(body, encoding, limit)
            return self._handler.answer(call, plain, started)

        self._num_running += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._executor, work)
        finally:
            self._num_running -= 1
