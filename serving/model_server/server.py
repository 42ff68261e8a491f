"""The server: one model, a loop that keeps its versions, a gRPC port."""

import dataclasses
import logging
import os
import threading
import time
from concurrent import futures
from pathlib import Path

import grpc

from serving.model_server.loaded_model import LoadedModel
from serving.model_server.model_service import ModelService
from serving.model_server.prediction_service import PredictionService
from serving.model_server.served_model import RetryPolicy
from serving.model_server.served_model import ServedModel
from serving.model_server.served_model import State
from serving.model_server.warm_up import warm_up
from serving.protos import model_service_pb2_grpc
from serving.protos import prediction_service_pb2_grpc

_logger = logging.getLogger(__name__)

_TICK_SECONDS = 0.1  # TF Serving's own, core/aspired_versions_manager.h:104
_ALL_INTERFACES = "[::]"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ServerOptions:
    """Settings with the names of tensorflow_model_server's flags.

    `host` is ours: the stock server always binds all interfaces.
    """

    host: str = _ALL_INTERFACES
    file_system_poll_wait_seconds: float = 1.0  # 0 = once, negative = never
    max_num_load_retries: int = 5
    load_retry_interval_seconds: float = 60.0
    grpc_max_threads: int = 4 * (os.cpu_count() or 1)
    enable_model_warmup: bool = True
    saved_model_tags: tuple[str, ...] = ("serve",)


class ModelServer:
    """Serves one model over gRPC as tensorflow_model_server would.

    A context manager: entering waits until a first version is available and
    only then opens the port; leaving lets running calls finish.
    """

    def __init__(
        self,
        model_name: str,
        model_base_path: str | Path,
        port: int = 0,
        options: ServerOptions | None = None,
    ):
        """Prepares the server; nothing runs yet.

        Args:
            model_name: what callers ask for.
            model_base_path: the directory with the versions.
            port: TCP port; 0 takes a free one, see `self.port`.
            options: everything else.
        """
        self._options = options or ServerOptions()
        self._wanted_port = port
        self.port: int | None = None
        self._models = {
            model_name: ServedModel(
                model_name,
                Path(model_base_path),
                self._load,
                RetryPolicy(
                    self._options.max_num_load_retries,
                    self._options.load_retry_interval_seconds,
                ),
            )
        }
        self._is_stopping = threading.Event()
        self._loop = threading.Thread(
            target=self._keep_versions, name="versions", daemon=True
        )
        self._server: grpc.Server | None = None

    def _load(self, path: Path) -> LoadedModel:
        model = LoadedModel(path, self._options.saved_model_tags)
        if self._options.enable_model_warmup:
            num_requests = warm_up(model, path)
            _logger.info("Replayed %d warm-up requests", num_requests)
        return model

    def start(self, timeout_seconds: float | None = None) -> None:
        """Loads the model, then opens the port.

        An empty base path means waiting for a first version.

        Args:
            timeout_seconds: how long to wait; None waits for ever, as
                tensorflow_model_server does.

        Raises:
            RuntimeError: the first version failed for good.
            TimeoutError: no version came in time.
            OSError: the port cannot be bound.
        """
        self._loop.start()
        try:
            self._wait_for_models(timeout_seconds)
            self._server = self._open_port()
        except BaseException:
            self.stop()
            raise
        self._server.start()
        _logger.info("Running gRPC ModelServer at port %d", self.port)

    def stop(self, grace_seconds: float = 5.0) -> None:
        """Takes no new call, finishes the running ones, unloads the model."""
        if self._server is not None:
            self._server.stop(grace_seconds).wait()
            self._server = None
        self._is_stopping.set()
        if self._loop.is_alive():
            self._loop.join()
        for model in self._models.values():
            model.close()

    def wait(self) -> None:
        """Blocks until the server is stopped from elsewhere."""
        if self._server is not None:
            self._server.wait_for_termination()

    def __enter__(self) -> "ModelServer":
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _keep_versions(self) -> None:
        wait = self._options.file_system_poll_wait_seconds
        next_poll = time.monotonic() if wait >= 0 else float("inf")
        tick = min(_TICK_SECONDS, wait) if wait > 0 else _TICK_SECONDS
        while not self._is_stopping.is_set():
            now = time.monotonic()
            is_due = now >= next_poll
            if is_due:
                next_poll = now + wait if wait > 0 else float("inf")
            for model in self._models.values():
                if is_due:
                    model.read_directory()
                model.step()
            self._is_stopping.wait(tick)

    def _wait_for_models(self, timeout_seconds: float | None) -> None:
        end = time.monotonic() + (
            float("inf") if timeout_seconds is None else timeout_seconds
        )
        for model in self._models.values():
            while not _is_available(model):
                if time.monotonic() > end:
                    raise TimeoutError(
                        f"`{model.base_path}` must hold a version that loads "
                        f"within {timeout_seconds} s. Received: none."
                    )
                if not self._loop.is_alive():
                    raise RuntimeError(
                        "The thread that loads versions must be alive. It "
                        "ended; its error is on stderr."
                    )
                self._is_stopping.wait(0.01)

    def _open_port(self) -> grpc.Server:
        server = grpc.server(
            futures.ThreadPoolExecutor(
                self._options.grpc_max_threads, thread_name_prefix="grpc"
            ),
            options=[
                ("grpc.max_receive_message_length", -1),
                ("grpc.max_send_message_length", -1),
                ("grpc.so_reuseport", 0),  # a second server fails visibly
            ],
        )
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
            PredictionService(self._models), server
        )
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(
            ModelService(self._models), server
        )
        address = f"{self._options.host}:{self._wanted_port}"
        try:
            self.port = server.add_insecure_port(address)
        except RuntimeError as error:
            raise OSError(
                f"The address {address} must be free. Received: {error}."
            ) from error
        return server


def _is_available(model: ServedModel) -> bool:
    """Tells whether a version serves; raises when none ever will."""
    records = [r for r in model.list_records() if r.is_aspired]
    if any(r.state is State.AVAILABLE for r in records):
        return True
    failed = [r for r in records if r.state is State.END]
    if failed and len(failed) == len(records):
        causes = "".join(
            f"{{name: {model.name} version: {r.number}}} due to error: "
            f"{r.error.message}}}, "
            for r in failed
        )
        raise RuntimeError(
            f"{len(failed)} servable(s) did not become available: {{{causes}}}"
        )
    return False
