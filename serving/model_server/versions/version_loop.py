"""The threads that update models from the disk and the config file.

One polls the base paths and takes the next steps, one reads the model config
file again. An error in a round is logged, and the next round follows; see
`BackgroundThread`.

Source: tensorflow_serving/core/aspired_versions_manager.h:104 and
model_servers/server.cc:165-180, 337-350 (SERVING rules F-06, F-07, H-01,
Q-09).
"""

import logging
import time
from collections.abc import Callable
from collections.abc import Iterable

from serving.background_thread import BackgroundThread
from serving.background_thread import Watch
from serving.background_thread import describe_problems
from serving.model_server.serving_error import ServingError
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
        on_change: Callable[[], object] | None = None,
        watches: Iterable[Watch] = (),
    ):
        """Prepares the threads; none runs yet.

        Args:
            models: what to keep.
            poll_seconds: between two looks at the base paths; 0 looks once
                after each new config, negative never looks.
            read_config: reads the model config file.
            config_poll_seconds: between two such reads; 0 or less = never.
            on_change: called when `problems` of its threads change.
            watches: of what else must not fail, such as the threads that load;
                their problems count as this loop's.
        """
        self._watches = tuple(watches)
        self._models = models
        self._poll_seconds = poll_seconds
        self._next_poll = _NEVER
        self._read_config = read_config
        tick = _TICK_SECONDS
        if poll_seconds > 0:
            tick = min(tick, poll_seconds)
        self._versions = BackgroundThread(
            "versions", self._keep, tick, True, on_change
        )
        self._threads = [self._versions]
        if config_poll_seconds > 0:
            self._threads.append(
                BackgroundThread(
                    "config",
                    self._keep_config,
                    config_poll_seconds,
                    on_change=on_change,
                )
            )

    @property
    def is_alive(self) -> bool:
        """Whether the versions are being kept."""
        return self._versions.is_alive

    @property
    def problems(self) -> dict[str, str]:
        """What fails now, by thread; empty = nothing."""
        return describe_problems([*self._threads, *self._watches])

    def start(self) -> None:
        """Starts the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends the threads; a load under way goes on elsewhere."""
        for thread in self._threads:
            thread.is_stopping.set()
        for thread in self._threads:
            thread.stop()

    def wait(self, seconds: float) -> None:
        """Sleeps that long, less if the loop is stopped."""
        self._versions.is_stopping.wait(seconds)

    def _keep(self) -> None:
        now = time.monotonic()
        is_due = self._models.is_poll_due.is_set() or now >= self._next_poll
        try:
            if self._poll_seconds >= 0 and is_due:
                self._models.is_poll_due.clear()
                self._next_poll = _NEVER
                if self._poll_seconds > 0:
                    self._next_poll = now + self._poll_seconds
                self._models.poll()
        finally:  # what is known already need not wait for what is not
            self._models.step()

    def _keep_config(self) -> None:
        try:
            # Without waiting: with a misspelt base path it would wait in vain,
            # and the next reading may have the correction.
            self._models.apply(self._read_config())
        except ServingError as error:
            _logger.error(
                "The model config file was not applied: %s", error.message
            )
