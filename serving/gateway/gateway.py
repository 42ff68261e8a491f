"""The gateway's parts, built, started and closed together."""

import contextlib
import logging
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from serving.background_thread import BackgroundThread
from serving.background_thread import Watch
from serving.background_thread import describe_problems
from serving.gateway.behavior.feedback_loop import FeedbackLoop
from serving.gateway.behavior.open_behavior_store import open_behavior_store
from serving.gateway.behavior.span_timer import SpanTimer
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.gateway_metrics import GatewayMetrics
from serving.gateway.kept_items import KeptItems
from serving.gateway.records.profile import Profile
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.catalogue import read_catalogue
from serving.gateway.slates.slate_service import SlateService
from serving.gateway.upstream.model_connection import ModelConnection
from serving.gateway.upstream.model_unavailable import ModelUnavailable

_logger = logging.getLogger(__name__)
_REFRESH_SECONDS = 2.0  # between two looks at the model server
_ITEMS_SECONDS = 0.2  # between two looks at what other gateways have put
_UNKNOWN = "it is being looked at for the first time"


class Gateway:
    """The gateway behind the routes. Call `start` and `close` once.

    Attributes:
        config: as it was given.
        metrics: counts and times.
        catalogue: items by id and by title.
        items: puts, changes and deletes them, once it is started.
    """

    def __init__(self, config: GatewayConfig):
        """Reads the catalogue; opens no connection yet.

        Raises:
            ValueError: the catalogue holds a line that is no item.
            OSError: the catalogue cannot be read.
        """
        self.config = config
        self.metrics = GatewayMetrics()
        self.catalogue = Catalogue(
            read_catalogue(Path(config.catalogue)) if config.catalogue else (),
            config.category_words,
        )
        self._is_open = False
        self._checking = threading.Lock()
        self._parts = {"state": _UNKNOWN, "model": _UNKNOWN}
        self._threads: list[BackgroundThread] = []

    def open(self) -> None:
        """Opens state and log, if they are not open yet.

        Raises:
            ValueError: the state cannot be used.
            RuntimeError: another gateway has the state's file, or the log.
            OSError: state or log cannot be opened.
        """
        if self._is_open:
            return
        storage = self.config.storage
        self.store = open_behavior_store(
            storage.state,
            Path(storage.log),
            limits=storage.state_limits,
            window_spans=storage.window_spans,
        )
        self._is_open = True

    def start(self) -> None:
        """Opens state and log, and connects.

        The model server may be away, and so may Redis: its state is loaded when
        it is back.

        Raises:
            ValueError, RuntimeError, OSError: see `open`.
        """
        self.open()
        self.connection = ModelConnection(self.config.upstream, self.metrics)
        self.items = KeptItems(
            self.store, self.catalogue, self.connection, self._tell_dropped
        )
        self.loop = FeedbackLoop(self.config, self.store, self.metrics)
        self.slates = SlateService(
            self.config,
            self.store,
            self.connection,
            self.catalogue,
            self.loop,
            self.metrics,
        )
        self._span_timer = SpanTimer(self.store, self.config.storage.span_hours)
        self.items.tend()
        self._threads = [
            BackgroundThread("items", self.items.tend, _ITEMS_SECONDS),
            BackgroundThread("learner", self._save_learnt, _REFRESH_SECONDS),
            BackgroundThread("span-timer", self._tend_spans, _REFRESH_SECONDS),
            BackgroundThread(
                "stand-in", self._warm_up, _REFRESH_SECONDS, begins_at_once=True
            ),
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Saves what was learnt, and closes everything."""
        for thread in self._threads:
            thread.is_stopping.set()
        for thread in self._threads:
            thread.stop()
        with contextlib.ExitStack() as closing:  # from the last to the first
            closing.callback(self.store.close)
            closing.callback(self.connection.close)
            closing.callback(self.loop.close)

    def put_profiles(self, profiles: Mapping[str, Profile]) -> int:
        """Keeps profiles by user id; returns how many had to leave for these.

        Raises:
            OSError: they could not be kept.
        """
        dropped = self.store.put_profiles(profiles)
        self._tell_dropped("profiles", dropped)
        return dropped

    def check(self) -> dict[str, str]:
        """Checks each part; returns `ok` or what is wrong, by part.

        While one caller's check runs, which may take seconds, other callers get
        the previous result: anybody may call, and must not occupy every thread.
        `threads` are looked at for each of them.
        """
        problems = self.find_thread_problems().items()
        told = "; ".join(f"{name}: {problem}" for name, problem in problems)
        if self._checking.acquire(blocking=False):
            try:
                self._parts = self._look_at_parts()
            finally:
                self._checking.release()
        return {**self._parts, "threads": told or "ok"}

    def find_thread_problems(self) -> dict[str, str]:
        """Tells which background work fails, and why; empty = none."""
        return describe_problems(self.list_watched())

    def list_watched(self) -> list[BackgroundThread | Watch]:
        """Lists all that works in the background."""
        return [self.store.thread, *self._threads, self.connection.watch]

    def _tell_dropped(self, kind: str, count: int) -> None:
        """Counts what had to leave the state, and warns."""
        self.metrics.count_dropped(kind, count)
        if count:
            _logger.warning(
                "The state must have room for all %s. Received: too many, so "
                "the %d whose last change is the oldest were removed. Raise "
                "`storage.max_%s`, and send them again.",
                kind,
                count,
                kind,
            )

    def _look_at_parts(self) -> dict[str, str]:
        parts = {"state": "ok", "model": "ok"}
        try:
            self.store.load_document("health")
        except OSError:
            parts["state"] = "it does not answer"
        if self.store.is_behind:
            parts["state"] = "it catches up with the log"
        elif not self.store.is_erased:
            parts["state"] = (
                "its file still holds what forgotten users did: another "
                "process reads it"
            )
        if not self.connection.is_ready():
            parts["model"] = "no version answers; slates are stand-ins"
        return parts

    def _save_learnt(self) -> None:
        """Takes up what was learnt, and saves what has been since."""
        try:
            self.loop.tend()
        except OSError as error:
            _logger.warning("The state does not answer: %s", error)

    def _tend_spans(self) -> None:
        self._span_timer.tend(time.time())

    def _warm_up(self) -> None:
        """Keeps the stand-in for strangers and new versions' items fresh."""
        try:
            self.slates.warm_up()
        except (ModelUnavailable, ValueError) as error:
            _logger.info("The model server does not answer: %s", error)
