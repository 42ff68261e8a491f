"""Closes spans of a gateway's log periodically, for the pipeline."""

import logging

from serving.gateway.api.bad_request import BadRequest
from serving.gateway.behavior.behavior_store import BehaviorStore

_RETRY_SECONDS = 60.0
_logger = logging.getLogger(__name__)


class SpanTimer:
    """Closes a span once a new period has begun and there are new events.

    Periods are counted from the epoch, not from the start: a gateway that is
    restarted every hour still closes its span at midnight, and one that was off
    at midnight, or had no events, does so later. A span that lacks new items
    and profiles, because the state was away, is followed by one that has them
    as soon as the state is back.
    """

    def __init__(self, store: BehaviorStore, span_hours: float | None):
        """Waits for `tend`.

        Args:
            store: whose spans are closed.
            span_hours: the period; None = this timer closes no span.
        """
        self._store = store
        self._seconds = None if span_hours is None else span_hours * 3600.0
        self._not_before = 0.0

    def tend(self, now: float) -> None:
        """Closes a span if it is time; call it every few seconds.

        Args:
            now: seconds since the epoch.
        """
        if self._seconds is None or now < self._not_before:
            return
        period = now // self._seconds
        try:
            sealed = self._store.find_sealing_time() // self._seconds
            is_due = period > sealed and self._store.measure_live_log() > 0
            if not is_due and not self._store.lacks_tables:
                return
            span = self._store.close_span(needs_tables=not is_due)
            _logger.info("The span %s is closed.", span.name)
            self._not_before = (period + 1) * self._seconds
            if self._store.lacks_tables:
                self._not_before = now + _RETRY_SECONDS
        except BadRequest as error:  # there were slates, but no events
            _logger.info("No span is closed: %s", error)
            self._not_before = now + _RETRY_SECONDS
        except OSError as error:
            _logger.warning("The span cannot be closed: %s", error)
            self._not_before = now + _RETRY_SECONDS
