"""The threads that update models from the disk and the config file.

One polls the base paths and takes the next steps, one reads the model config
file again. An error in a round is logged, and the next round follows.

Source: tensorflow_serving/core/aspired_versions_manager.h:104 and
model_servers/server.cc:165-180, 337-350 (SERVING rules F-06, F-07, H-01,
Q-09).
"""

import logging
import threading
import time
from collections.abc import Callable

from serving.model_server.serving_error import CatchErrors
from serving.model_server.settings.model_configs import ModelServerConfig
from serving.model_server.versions.served_models import ServedModels

_logger = logging.getLogger(__name__)

_TICK_SECONDS = 0.1
_NEVER = float("inf")


class VersionLoop:
    """Polls and steps until it is stopped."""

    def __init__(
        self,
        models: ServedModels,
        poll_seconds: float,
        read_config: Callable[[], ModelServerConfig],
        config_poll_seconds: float = 0.0,
    ):
        """Prepares the threads; none runs yet.

        Args:
            models: what to keep.
            poll_seconds: between two looks at the base paths; 0 looks once
                after each new config, negative never looks.
            read_config: reads the model config file.
            config_poll_seconds: between two such reads; 0 or less = never.
        """
        self._models = models
        self._poll_seconds = poll_seconds
        self._read_config = read_config
        self._config_poll_seconds = config_poll_seconds
        self._is_stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep, name="versions", daemon=True)
        ]
        if config_poll_seconds > 0:
            self._threads.append(
                threading.Thread(
                    target=self._keep_config, name="config", daemon=True
                )
            )

    @property
    def is_alive(self) -> bool:
        """Whether the versions are being kept."""
        return self._threads[0].is_alive() and not self._is_stopping.is_set()

    def start(self) -> None:
        """Starts the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends the threads; a load under way goes on elsewhere."""
        self._is_stopping.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def wait(self, seconds: float) -> None:
        """Sleeps that long, less if the loop is stopped."""
        self._is_stopping.wait(seconds)

    def _keep(self) -> None:
        wait = self._poll_seconds
        next_poll = _NEVER
        tick = min(_TICK_SECONDS, wait) if wait > 0 else _TICK_SECONDS
        while not self._is_stopping.is_set():
            is_new = self._models.is_poll_due.is_set()
            now = time.monotonic()
            if wait >= 0 and (is_new or now >= next_poll):
                self._models.is_poll_due.clear()
                next_poll = now + wait if wait > 0 else _NEVER
                with CatchErrors("polling the base paths"):
                    self._models.poll()
            with CatchErrors("loading and unloading"):
                self._models.step()
            self._is_stopping.wait(tick)

    def _keep_config(self) -> None:
        while not self._is_stopping.wait(self._config_poll_seconds):
            with CatchErrors("reading the model config file") as caught:
                # Without waiting: with a misspelt base path it would wait in
                # vain, and the next reading may have the correction.
                self._models.apply(self._read_config())
            if caught.error is not None:
                _logger.error(
                    "The model config file was not applied: %s",
                    caught.error.message,
                )
