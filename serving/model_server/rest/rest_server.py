"""The REST port: an event loop in a thread, and threads that run models."""

import functools
import logging
import threading
from collections.abc import Mapping
from concurrent import futures

import uvicorn

from serving.deadline_protocol import DeadlineProtocol
from serving.model_server.metrics.server_metrics import ServerMetrics
from serving.model_server.rest.listener import open_listener
from serving.model_server.rest.rest_app import RestApp
from serving.model_server.rest.rest_handler import RestHandler
from serving.model_server.rest.rest_options import RestOptions
from serving.model_server.versions.served_model import ServedModel

_KEEP_ALIVE_SECONDS = 60
_MAX_HEAD_BYTES = 64 << 10


class RestServer:
    """Serves the REST API on one port from `start` to `stop`."""

    def __init__(
        self,
        host: str,
        port: int,
        models: Mapping[str, ServedModel],
        metrics: ServerMetrics,
        options: RestOptions | None = None,
    ):
        """Prepares the server; nothing runs yet.

        Args:
            host: address to bind; `[::]` or "" is every one, IPv4 too.
            port: TCP port; 0 takes a free one, see `self.port`.
            models: by name, looked up for each call.
            metrics: where calls are counted.
            options: limits and switches.
        """
        self._options = options or RestOptions()
        self._host = host
        self._wanted_port = port
        self.port: int | None = None
        self._metrics = metrics
        self._handler = RestHandler(
            models,
            metrics,
            self._options.timeout_seconds,
            self._options.checks_method_name,
        )
        self._executor: futures.ThreadPoolExecutor | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Opens the port.

        Raises:
            OSError: the address is taken or not ours.
            RuntimeError: the server ended at once; the log says why.
        """
        opened = open_listener(self._host, self._wanted_port)
        self.port = opened.getsockname()[1]
        self._executor = futures.ThreadPoolExecutor(
            self._options.num_threads, thread_name_prefix="rest"
        )
        app = RestApp(
            self._handler, self._metrics, self._options, self._executor
        )
        self._server = uvicorn.Server(self._configure(app))
        self._thread = threading.Thread(
            target=self._server.run, args=([opened],), name="rest", daemon=True
        )
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            self._thread.join(0.005)
        if not self._server.started:
            self.stop()
            raise RuntimeError(
                "The thread of the REST port must run. Received: it ended at "
                "once."
            )

    @property
    def is_alive(self) -> bool:
        """Whether calls are answered."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        """Takes no new call and finishes the running ones."""
        if self._server is None:
            return
        self._server.should_exit = True
        self._thread.join()
        self._executor.shutdown()
        self._server = None

    def _configure(self, app: RestApp) -> uvicorn.Config:
        options = self._options
        return uvicorn.Config(
            app,
            http=functools.partial(
                DeadlineProtocol,
                deadline_seconds=options.transfer_timeout_seconds,
            ),
            loop="asyncio",
            ws="none",
            interface="asgi3",
            lifespan="off",
            # Our own log has what an operator needs; with a line for each bad
            # request a client could fill the disk.
            log_config=None,
            log_level=logging.ERROR,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=5,
            h11_max_incomplete_event_size=_MAX_HEAD_BYTES,
            limit_concurrency=options.max_connections,
        )
