"""Applies one stream of the log to the state: in order, each record once."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from itertools import islice

from serving.gateway.behavior.log.behavior_log import BehaviorLog
from serving.gateway.behavior.log.segment_log import Ticket

_logger = logging.getLogger(__name__)
_REPLAYED_AT_ONCE = 500  # records


class AppliedStream:
    """Applies logged records to the state; safe in threads.

    While the state is away nothing is kept in memory: the stream is behind, and
    `catch_up` reads the missing records from the log.

    Attributes:
        applied: the sequence number that the state has applied last.
        is_behind: the log may have records that the state has not.
    """

    def __init__(
        self,
        log: BehaviorLog,
        name: str,
        decode: Callable[[Mapping], object | None],
        apply: Callable[[str, int, Sequence[tuple]], bool],
    ):
        """Starts behind: call `catch_up`.

        Args:
            log: the log to apply.
            name: the stream of the log.
            decode: makes a record of its JSON object; None = it is one of a
                later version of this code, which the log keeps.
            apply: the store's method.
        """
        self._log = log
        self._name = name
        self._decode = decode
        self._apply = apply
        self._pending: deque[tuple[Ticket, Sequence]] = deque()
        self._lock = threading.Lock()  # held while the state changes
        self.applied = 0
        self.is_behind = True

    def submit(self, ticket: Ticket, records: Sequence) -> None:
        """Queues written records, in the order of the log."""
        self._pending.append((ticket, records))

    def apply_settled(self) -> None:
        """Applies queued records that are durable.

        When it returns, the caller's records are in the state, or the stream is
        behind.
        """
        self._apply_pending(lambda ticket: ticket.is_settled)

    def apply_written(self) -> None:
        """Applies queued records, durable or not; see `apply_settled`."""
        self._apply_pending(lambda ticket: True)

    def catch_up(
        self, read_applied: Callable[[], int], max_batches: int | None = None
    ) -> None:
        """Replays missing records from the log; one call at a time.

        Other threads do not wait meanwhile: their queued records are in the log
        and are replayed as well.

        Args:
            read_applied: asks the state which sequence number it has applied
                last; called while nothing else is applied.
            max_batches: of 500 records, after which it gives up; what they
                hold is in the state. None = all there are.

        Raises:
            OSError: the state is away; the stream stays behind. Or what was
                written last cannot be made durable. `ConnectionError` also
                if it gave up.
        """
        with self._lock:
            self.is_behind = True  # from here on only this moves `applied`
        self.applied = read_applied()
        self._replay(max_batches)
        with self._lock:  # the little that was written meanwhile
            # What is queued is in the log, once it is flushed.
            self._take_pending(lambda ticket: True)
            self._replay(None)
            self.is_behind = False

    def _replay(self, max_batches: int | None) -> None:
        self._log.streams[self._name].flush()
        records = self._log.read(self._name, self.applied)
        num_batches = 0
        while batch := list(islice(records, _REPLAYED_AT_ONCE)):
            if num_batches == max_batches:
                raise ConnectionError(
                    "The state must have all of the log. Received: one that "
                    f"has still to catch up from {self.applied}."
                )
            decoded = [(seq, self._decode(one)) for seq, one in batch]
            known = [(seq, one) for seq, one in decoded if one is not None]
            if len(known) < len(decoded):
                _logger.warning(
                    "%d of %d %s of the log are of no form that is known here. "
                    "They stay in the log, and are passed over.",
                    len(decoded) - len(known),
                    len(decoded),
                    self._name,
                )
            num_batches += 1
            if known:
                self._apply_replayed(known)

    def _apply_replayed(self, known: Sequence[tuple]) -> None:
        """Applies records, without those that the state cannot take.

        One of them must not keep the others from the state for ever.
        """
        try:
            is_done = self._apply(self._log.log_id, self.applied, known)
        except (OverflowError, TypeError, ValueError) as error:
            middle = len(known) // 2
            if not middle:
                _logger.warning(
                    "Number %d of the %s of the log cannot be kept in the "
                    "state: %s. It stays in the log, and is passed over.",
                    known[0][0],
                    self._name,
                    type(error).__name__,
                )
                return
            self._apply_replayed(known[:middle])
            self._apply_replayed(known[middle:])
            return
        if not is_done:
            raise ConnectionError(
                "The state must be changed by one process per log. "
                f"Received: one that is not at {self.applied}."
            )
        self.applied = known[-1][0]

    def _apply_pending(self, is_ready: Callable[[Ticket], bool]) -> None:
        with self._lock:
            batch = [
                (seq, record)
                for seq, record in self._take_pending(is_ready)
                if seq > self.applied
            ]
            if self.is_behind or not batch:
                return
            try:
                is_done = self._apply(self._log.log_id, self.applied, batch)
            except OSError:
                is_done = False  # the next reader catches up, or gets an error
            if is_done:
                self.applied = batch[-1][0]
            else:
                self.is_behind = True

    def _take_pending(self, is_ready: Callable[[Ticket], bool]) -> list[tuple]:
        return list(self._pop_pending(is_ready))

    def _pop_pending(
        self, is_ready: Callable[[Ticket], bool]
    ) -> Iterator[tuple]:
        while self._pending and is_ready(self._pending[0][0]):
            ticket, records = self._pending.popleft()
            if not ticket.failure:
                yield from enumerate(records, ticket.first)
