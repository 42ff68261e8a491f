"""Seals a gateway's log now and then, for the pipeline to read."""

import logging

from serving.gateway.api.bad_request import BadRequest
from serving.gateway.behavior.behavior_store import BehaviorStore

_RETRY_SECONDS = 60.0
_logger = logging.getLogger(__name__)


class SpanTimer:
    """Closes a span as soon as a new period has begun and anything is new.

    Periods are counted from the epoch, not from the start: a gateway that is
    restarted every hour closes its span at midnight all the same, and one
    that was away at midnight, or heard nothing, does so when it is back.
    """

    def __init__(self, store: BehaviorStore, span_hours: float | None):
        """Waits for `tend`.

        Args:
            store: whose log is sealed.
            span_hours: the period; None = this timer never seals.
        """
        self._store = store
        self._seconds = None if span_hours is None else span_hours * 3600.0
        self._not_before = 0.0

    def tend(self, now: float) -> None:
        """Seals if it is time to; call it every few seconds.

        Args:
            now: seconds since the epoch.
        """
        if self._seconds is None or now < self._not_before:
            return
        period = now // self._seconds
        try:
            if period <= self._store.find_sealing_time() // self._seconds:
                return
            if self._store.measure_live_log():
                span = self._store.close_span()
                _logger.info("The span %s is closed.", span.name)
                self._not_before = (period + 1) * self._seconds
        except BadRequest as error:  # slates were shown, and nobody did a thing
            _logger.info("No span is closed: %s", error)
            self._not_before = now + _RETRY_SECONDS
        except OSError as error:
            _logger.warning("The span cannot be closed: %s", error)
            self._not_before = now + _RETRY_SECONDS
