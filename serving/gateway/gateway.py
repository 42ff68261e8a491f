"""The gateway's parts, built, started and closed together."""

import contextlib
import logging
import threading
import time
from pathlib import Path

from serving.gateway.behavior.feedback_loop import FeedbackLoop
from serving.gateway.behavior.open_behavior_store import open_behavior_store
from serving.gateway.behavior.span_timer import SpanTimer
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.gateway_metrics import GatewayMetrics
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.catalogue import read_catalogue
from serving.gateway.slates.slate_service import SlateService
from serving.gateway.upstream.model_connection import ModelConnection
from serving.gateway.upstream.model_unavailable import ModelUnavailable
from serving.overlay_index import NewItem

_logger = logging.getLogger(__name__)
_REFRESH_SECONDS = 2.0  # between two looks at the model server
_OFFER_SECONDS = 10.0  # between two times that all items are put again
_UNKNOWN = "it is being looked at for the first time"


class Gateway:
    """What the routes call. `start` and `close` it once.

    Attributes:
        config: as it was given.
        metrics: counts and times.
        catalogue: items by id and by title.
    """

    def __init__(self, config: GatewayConfig):
        """Reads the catalogue; opens nothing yet.

        Raises:
            ValueError: the catalogue holds what is no item.
            OSError: the catalogue cannot be read.
        """
        self.config = config
        self.metrics = GatewayMetrics()
        self.catalogue = Catalogue(
            read_catalogue(Path(config.catalogue)) if config.catalogue else ()
        )
        self._is_closing = threading.Event()
        self._offered_to: list[int] | None = None  # versions that were told
        # of all items that the state keeps; None = none, or not of all
        self._offer_at = 0.0  # by time.monotonic
        self._checking = threading.Lock()
        self._parts = {"state": _UNKNOWN, "model": _UNKNOWN}

    def start(self) -> None:
        """Opens state, log and connection.

        The model server may be away, and so may Redis: what it keeps is
        taken up when it is there.

        Raises:
            OSError: state or log cannot be opened.
        """
        storage = self.config.storage
        self.store = open_behavior_store(
            storage.state,
            Path(storage.log),
            window_spans=storage.window_spans,
        )
        self.connection = ModelConnection(self.config.upstream, self.metrics)
        self.loop = FeedbackLoop(self.config, self.store, self.metrics)
        self.slates = SlateService(
            self.config,
            self.store,
            self.connection,
            self.catalogue,
            self.loop,
            self.metrics,
        )
        self._span_timer = SpanTimer(self.store, storage.span_hours)
        self._tend_state()
        self._refresher = threading.Thread(
            target=self._keep_warm, name="refresher", daemon=True
        )
        self._refresher.start()

    def close(self) -> None:
        """Saves what was learnt, and lets go of everything."""
        self._is_closing.set()
        self._refresher.join()
        with contextlib.ExitStack() as closing:  # from the last to the first
            closing.callback(self.store.close)
            closing.callback(self.connection.close)
            closing.callback(self.loop.close)

    def put_items(self, items: list[ItemFacts]) -> bool:
        """Keeps items, and has the model encode those that are new to it.

        Returns:
            Whether slates can hold them from now on and no other new item
            had to leave. Without a model server they can as soon as it is
            back.

        Raises:
            OSError: they could not be kept.
        """
        self.store.put_items(items)
        self.catalogue.put(items)
        return self._put_overlay(items)

    def check(self) -> dict[str, str]:
        """Looks at each part; returns `ok` or what is wrong, by part.

        While one caller looks, which may take seconds, all others are told
        what was seen before: anybody may ask, and must not hold every thread.
        """
        if self._checking.acquire(blocking=False):
            try:
                self._parts = self._look_at_parts()
            finally:
                self._checking.release()
        return self._parts

    def _look_at_parts(self) -> dict[str, str]:
        parts = {"state": "ok", "model": "ok"}
        try:
            self.store.load_document("health")
        except OSError:
            parts["state"] = "it does not answer"
        if self.store.is_behind:
            parts["state"] = "it catches up with the log"
        if not self.connection.is_ready():
            parts["model"] = "no version answers; slates are stand-ins"
        return parts

    def _put_overlay(self, items: list[ItemFacts]) -> bool:
        new = [
            NewItem(
                item_id=item.item_id,
                title=item.title,
                description=item.description,
                categories=item.categories,
                price=item.price,
            )
            for item in items
        ]
        if not new:
            return True
        try:
            return not self.connection.put_items(new)
        except ModelUnavailable:
            # Held, perhaps in place of others that are newer to the model.
            self._offered_to = None
            return False

    def _tend_state(self) -> None:
        """Takes up what the state keeps, and saves what was learnt."""
        try:
            if self._offered_to != self.connection.list_versions():
                self._offer_items()
            self.loop.tend()
        except OSError as error:
            _logger.warning("The state does not answer: %s", error)

    def _offer_items(self) -> None:
        """Puts all items again: a version may not know what others do.

        Raises:
            OSError: the state does not answer.
        """
        if time.monotonic() < self._offer_at:
            return
        kept = self.store.list_items()
        self._offer_at = time.monotonic() + _OFFER_SECONDS
        self.catalogue.put(kept)
        self._offered_to = []
        self._put_overlay(kept)
        if self._offered_to is not None:
            self._offered_to = self.connection.list_versions()

    def _keep_warm(self) -> None:
        """Keeps the stand-in for strangers and new versions' items fresh."""
        while True:
            started = time.monotonic()
            self._tend_state()
            self._span_timer.tend(time.time())
            try:
                self.slates.warm_up()
            except (ModelUnavailable, ValueError) as error:
                _logger.info("The model server does not answer: %s", error)
            wait = _REFRESH_SECONDS - (time.monotonic() - started)
            if self._is_closing.wait(max(wait, 0.0)):
                return
