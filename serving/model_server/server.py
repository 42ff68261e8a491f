"""The server: models, the loop that updates their versions, and the ports."""

import logging
import time
from pathlib import Path

import grpc

from serving.model_server.metrics.server_metrics import ServerMetrics
from serving.model_server.rest import DEFAULT_MONITORING_PATH
from serving.model_server.rest import RestOptions
from serving.model_server.rest import RestServer
from serving.model_server.rpc.grpc_server import bind
from serving.model_server.rpc.grpc_server import build_grpc_server
from serving.model_server.rpc.grpc_server import build_health_servicer
from serving.model_server.rpc.grpc_server import set_serving
from serving.model_server.serving_error import ServingError
from serving.model_server.settings.config_protos import MonitoringConfig
from serving.model_server.settings.config_protos import read_text_proto
from serving.model_server.settings.model_configs import ModelServerConfig
from serving.model_server.settings.model_configs import (
    build_single_model_config,
)
from serving.model_server.settings.model_configs import parse_base_path
from serving.model_server.settings.model_configs import read_model_config
from serving.model_server.settings.server_options import ServerOptions
from serving.model_server.versions.load_policy import RetryPolicy
from serving.model_server.versions.load_policy import WorkerThreads
from serving.model_server.versions.model_loader import ModelLoader
from serving.model_server.versions.served_model import ServedModel
from serving.model_server.versions.served_models import ServedModels
from serving.model_server.versions.version_loop import VersionLoop

__all__ = ["ModelServer", "ServerOptions"]

_logger = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0  # between two looks whether the REST port is open
_MAX_INT32 = 2**31 - 1  # the stock server's limit of a request


class ModelServer:
    """Serves models over gRPC and REST as tensorflow_model_server would.

    A context manager: entering waits until each model has a first version
    and only then opens the ports; leaving lets running calls finish.
    """

    def __init__(
        self,
        model_name: str,
        model_base_path: str | Path,
        port: int | None = 0,
        options: ServerOptions | None = None,
    ):
        """Prepares the server; nothing runs yet.

        Args:
            model_name: what callers ask for.
            model_base_path: the directory with the versions. Name and path are
                ignored if `options` names a model config file.
            port: TCP port of gRPC; 0 takes a free one, see `self.port`; None
                leaves only the Unix socket.
            options: everything else.

        Raises:
            ServingError: a config file cannot be used.
        """
        self._options = options or ServerOptions()
        self._model_name = model_name
        self._base_path = parse_base_path(str(model_base_path)).absolute()
        self._wanted_port = port
        self.port: int | None = None  # of gRPC, once it is open
        self.models = ServedModels(
            self._build_model,
            self._options.allow_version_labels_for_unavailable_models,
        )
        self.metrics = ServerMetrics(
            self.models, list_served=self.models.list_served
        )
        self._config = self._read_config()
        self._loader = ModelLoader(self._options, self.metrics)
        self._threads = WorkerThreads(
            self._options.num_load_threads,
            self._options.num_unload_threads,
            self._tell_health,
        )
        self._loop = VersionLoop(
            self.models,
            self._options.file_system_poll_wait_seconds,
            self._read_config,
            self._options.model_config_file_poll_wait_seconds
            if self._options.model_config_file
            else 0,
            self._tell_health,
            self._threads.watches,
        )
        self._health = build_health_servicer()
        self._server: grpc.Server | None = None
        self._rest: RestServer | None = None

    def _read_config(self) -> ModelServerConfig:
        if self._options.model_config_file:
            return read_model_config(self._options.model_config_file)
        return build_single_model_config(self._model_name, self._base_path)

    def _build_model(self, name: str, base_path: Path) -> ServedModel:
        return ServedModel(
            name,
            base_path,
            self._loader.load,
            RetryPolicy(
                self._options.max_num_load_retries,
                max(self._options.load_retry_interval_seconds, 0.0),
            ),
            workers=self._threads.workers,
        )

    @property
    def rest_port(self) -> int | None:
        """The TCP port of REST, None where there is none."""
        return self._rest.port if self._rest is not None else None

    def start(self, timeout_seconds: float | None = None) -> None:
        """Loads the models, then opens the ports.

        An empty base path means waiting for a first version.

        Args:
            timeout_seconds: how long to wait; None waits for ever, as
                tensorflow_model_server does.

        Raises:
            RuntimeError: the config is wrong, or a first version failed for
                good.
            TimeoutError: no version came in time.
            OSError: a port cannot be bound.
        """
        try:
            self._loop.start()
            self.models.apply(self._config)
            if self._options.wait_for_models:
                self._wait_for_models(timeout_seconds)
            self._open_ports()
            self._tell_ports()
        except ServingError as error:
            self.stop()
            raise RuntimeError(f"{error.code.name}: {error.message}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self, grace_seconds: float = 5.0) -> None:
        """Takes no new call, finishes the running ones, unloads the models."""
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        if self._server is not None:
            self._server.stop(grace_seconds).wait()
            self._server = None
        self._loop.stop()
        self.models.close()
        self._threads.close()
        self._loader.close()

    def wait(self) -> None:
        """Blocks until the server is stopped from elsewhere.

        Raises:
            RuntimeError: the REST port is closed, which nobody asked for.
        """
        server = self._server
        while server is not None and server.wait_for_termination(_LOOK_SECONDS):
            if self._rest is not None and not self._rest.is_alive:
                raise RuntimeError(
                    "The thread of the REST port must run. Received: it ended."
                )

    def __enter__(self) -> "ModelServer":
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _tell_health(self) -> None:
        set_serving(self._health, not self._loop.problems)

    def _wait_for_models(self, timeout_seconds: float | None) -> None:
        end = time.monotonic() + (
            float("inf") if timeout_seconds is None else timeout_seconds
        )
        while not self.models.are_available():
            if time.monotonic() > end:
                raise TimeoutError(
                    "Every model must have a version that loads within "
                    f"{timeout_seconds} s. Received: none for one of "
                    f"{', '.join(self.models)}."
                )
            if not self._loop.is_alive:
                raise RuntimeError("The server was stopped while it started.")
            self._loop.wait(0.01)

    def _open_ports(self) -> None:
        server = build_grpc_server(
            self.models, self.metrics, self._options, self._health
        )
        self.port = bind(server, self._wanted_port, self._options)
        server.start()
        self._server = server
        rest_port = self._options.rest_api_port
        if not rest_port:
            return
        if rest_port == self.port:
            _logger.error(
                "--rest_api_port cannot be same as --port. Please use a "
                "different port for HTTP/REST API. Skipped exporting "
                "HTTP/REST API."
            )
            return
        rest = RestServer(
            self._options.host,
            rest_port,
            self.models,
            self.metrics,
            self._build_rest_options(),
        )
        rest.start()
        self._rest = rest

    def _tell_ports(self) -> None:
        """Logs in one line where callers and Prometheus find the server."""
        monitoring = _read_monitoring_path(self._options.monitoring_config_file)
        rest = "off"
        if self.rest_port is not None:
            rest = f"port {self.rest_port}"
        metrics = "off"
        if self.rest_port is not None and monitoring is not None:
            metrics = f"port {self.rest_port}{monitoring}"
        _logger.info(
            "Ready. gRPC: port %s; REST: %s; metrics: %s",
            self.port,
            rest,
            metrics,
        )

    def _build_rest_options(self) -> RestOptions:
        options = self._options
        return RestOptions(
            timeout_seconds=options.rest_api_timeout_in_ms / 1000,
            num_threads=options.rest_api_num_threads,
            max_request_bytes=options.max_request_bytes or _MAX_INT32,
            max_concurrent_requests=options.limit_requests(
                options.rest_api_num_threads
            )
            or _MAX_INT32,
            enable_cors=options.rest_api_enable_cors_support,
            checks_method_name=options.enable_signature_method_name_check,
            monitoring_path=_read_monitoring_path(
                options.monitoring_config_file
            ),
        )


def _read_monitoring_path(config_file: str) -> str | None:
    if not config_file:
        return None
    config = read_text_proto(config_file, MonitoringConfig()).prometheus_config
    return (config.path or DEFAULT_MONITORING_PATH) if config.enable else None
