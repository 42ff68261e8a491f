"""Refuses calls beyond a limit at once instead of queueing all of them.

gRPC's own limit would refuse health checks too, and a busy server would be
restarted. Here only calls of the PredictionService count, and the calls of
operators have their own threads.

A client that sends no message after its headers occupies a thread until it
disconnects or its deadline passes: grpcio offers no way to end it. Protect the
ports of a model server by a network policy.
"""

import threading
from collections.abc import Callable
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc

from serving.model_server.metrics.server_metrics import UNKNOWN_MODEL
from serving.model_server.metrics.server_metrics import ServerMetrics

_LIMITED = "/tensorflow.serving.PredictionService/"
# Calls that must not wait behind predictions, or occupy their threads: a reload
# ends when its models serve (SERVING rule Q-04), a reflection when its caller
# hangs up.
_BESIDE = {
    "/grpc.health.v1.Health/Check": "check",
    "/tensorflow.serving.ModelService/GetModelStatus": "check",
    "/tensorflow.serving.ModelService/HandleReloadConfigRequest": "reload",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": (
        "reflection"
    ),
}
_REFUSE = "refuse"
_NUM_SIDE_THREADS = 2  # of each kind


class CountingPool(futures.ThreadPoolExecutor):
    """A thread pool that counts the calls that run or wait."""

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
            metrics: counts refusals, without the name of the model: a refused
                request is not read. None counts nothing.
        """
        self._pool = pool
        self._metrics = metrics
        self._limit = limit
        self._side_pools = {
            name: futures.ThreadPoolExecutor(
                _NUM_SIDE_THREADS, thread_name_prefix=f"grpc-{name}"
            )
            for name in {_REFUSE, *_BESIDE.values()}
        }
        # A stream of requests need not be read, however slowly it comes.
        self._refusal = grpc.stream_unary_rpc_method_handler(
            self._place(self._refuse, _REFUSE)
        )
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
            handler = self._handlers[method] = self._move(
                handler, _BESIDE[method]
            )
        return handler

    def _refuse(
        self, requests: Iterator[bytes], context: grpc.ServicerContext
    ) -> bytes:
        if self._metrics is not None:
            self._metrics.count_request(
                UNKNOWN_MODEL, grpc.StatusCode.RESOURCE_EXHAUSTED.name
            )
        context.abort(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            f"{self._limit} requests run or wait already",
        )

    def _move(
        self, handler: grpc.RpcMethodHandler, pool: str
    ) -> grpc.RpcMethodHandler:
        """Lets the threads of a side pool run a method."""
        if handler.response_streaming:
            kind, build = "stream_stream", grpc.stream_stream_rpc_method_handler
        else:
            kind, build = "unary_unary", grpc.unary_unary_rpc_method_handler
        return build(
            self._place(getattr(handler, kind), pool),
            handler.request_deserializer,
            handler.response_serializer,
        )

    def _place(self, behaviour: Callable, pool: str) -> Callable:
        def answer(request: Any, context: grpc.ServicerContext) -> Any:
            return behaviour(request, context)

        answer.experimental_thread_pool = self._side_pools[pool]
        return answer
