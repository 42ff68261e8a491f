"""Sheds surplus calls at once instead of queueing them without end.

gRPC's own limit would refuse health checks too, and so have a server
restarted for being busy. Here only calls of the PredictionService count, and
the cheap calls of operators have threads of their own.
"""

import threading
from collections.abc import Callable
from concurrent import futures
from typing import Any

import grpc

from serving.model_server.server_metrics import UNKNOWN_MODEL
from serving.model_server.server_metrics import ServerMetrics

_LIMITED = "/tensorflow.serving.PredictionService/"
_BESIDE = (
    "/grpc.health.v1.Health/Check",
    "/tensorflow.serving.ModelService/GetModelStatus",
)
_NUM_SIDE_THREADS = 2


class CountingPool(futures.ThreadPoolExecutor):
    """Threads that know how many calls run or wait."""

    def __init__(self, num_threads: int):
        """Starts no thread before the first call comes."""
        super().__init__(num_threads, thread_name_prefix="grpc")
        self._lock = threading.Lock()
        self.count = 0

    def submit(self, *arguments: Any, **options: Any) -> futures.Future:
        """Runs a function in a thread; see `concurrent.futures`."""
        with self._lock:
            self.count += 1
        future = super().submit(*arguments, **options)
        # Called even if the function never runs.
        future.add_done_callback(self._leave)
        return future

    def _leave(self, future: futures.Future) -> None:
        with self._lock:
            self.count -= 1


class Admission(grpc.ServerInterceptor):
    """Decides for each call whether and where it runs.

    `experimental_thread_pool` is how gRPC lets a method choose its threads
    (grpc/_server.py). Without it refusals would wait for a free thread.
    """

    def __init__(
        self,
        pool: CountingPool,
        limit: int | None,
        metrics: ServerMetrics | None = None,
    ):
        """Watches a pool.

        Args:
            pool: the server's threads.
            limit: how many calls may run or wait there; None = any number.
            metrics: counts refusals; their model is not known, for a refused
                request is not read. None counts nothing.
        """
        self._pool = pool
        self._metrics = metrics
        self._limit = limit
        self._side_pool = futures.ThreadPoolExecutor(
            _NUM_SIDE_THREADS, thread_name_prefix="grpc-side"
        )
        self._refusal = self._build_handler(self._refuse)
        self._handlers: dict[str, grpc.RpcMethodHandler] = {}

    def intercept_service(
        self,
        continuation: Callable[
            [grpc.HandlerCallDetails], grpc.RpcMethodHandler | None
        ],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler | None:
        """Returns what answers a call; gRPC asks before it queues it."""
        method = handler_call_details.method
        if method.startswith(_LIMITED):
            if self._limit is not None and self._pool.count >= self._limit:
                return self._refusal
            return continuation(handler_call_details)
        handler = self._handlers.get(method)
        if handler is not None:
            return handler
        handler = continuation(handler_call_details)
        if method in _BESIDE and handler is not None:
            handler = self._handlers[method] = self._build_handler(
                handler.unary_unary,
                handler.request_deserializer,
                handler.response_serializer,
            )
        return handler

    def _refuse(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        if self._metrics is not None:
            self._metrics.count_request(
                UNKNOWN_MODEL, grpc.StatusCode.RESOURCE_EXHAUSTED.name
            )
        context.abort(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            f"{self._limit} requests run or wait already",
        )

    def _build_handler(
        self,
        behaviour: Callable[[Any, grpc.ServicerContext], Any],
        deserializer: Callable[[bytes], Any] | None = None,
        serializer: Callable[[Any], bytes] | None = None,
    ) -> grpc.RpcMethodHandler:
        def answer(request: Any, context: grpc.ServicerContext) -> Any:
            return behaviour(request, context)

        answer.experimental_thread_pool = self._side_pool
        return grpc.unary_unary_rpc_method_handler(
            answer, deserializer, serializer
        )
