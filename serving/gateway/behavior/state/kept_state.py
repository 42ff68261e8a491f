"""A state store that is kept up to date with its log."""

import logging
import threading
import time
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager

from serving.gateway.behavior.log.behavior_log import BehaviorLog
from serving.gateway.behavior.log.profile_json import encode_profile
from serving.gateway.behavior.log.record_json import decode_event
from serving.gateway.behavior.log.record_json import decode_exposure
from serving.gateway.behavior.log.record_json import encode_item
from serving.gateway.behavior.state.applied_stream import AppliedStream
from serving.gateway.behavior.state.state_store import StateStore

_logger = logging.getLogger(__name__)
_PAUSE_SECONDS = 1.0  # between two tries of a state that does not answer
_READER_SECONDS = 0.05  # that a reader waits for another thread's catch-up
_READER_BATCHES = 1  # of each stream that a reader replays


class KeptState:
    """Applies the log to a state, and replays it after the state was away.

    Attributes:
        events: how events come from the log.
        exposures: how exposures do.
        is_erased: whether what was removed is gone from the state's files.
        lacks_tables: the state did not tell items and profiles when they were
            asked for last: the newest span has them as they were before.
    """

    def __init__(
        self, state: StateStore, log: BehaviorLog, writing: threading.Lock
    ):
        """Starts behind: call `tend`.

        Args:
            state: may be away.
            log: what the state is to know.
            writing: held while a thread writes to the log and submits to a
                stream.
        """
        self._state = state
        self._log = log
        self._writing = writing
        self._tending = threading.RLock()  # one at a time catches up
        self.is_erased = False  # a kill may have left something
        self.lacks_tables = False
        self._absence: OSError | None = None  # the last error
        self._asked_again_at = 0.0  # on the monotonic clock
        self.events = AppliedStream(
            log, "events", decode_event, state.apply_events
        )
        self.exposures = AppliedStream(
            log, "exposures", decode_exposure, state.apply_exposures
        )

    @property
    def is_behind(self) -> bool:
        """Whether the state is away, or does not have all of the log yet."""
        return self.events.is_behind or self.exposures.is_behind

    def tend(self) -> None:
        """Deletes users whose deletion is due, then catches up.

        What is removed leaves the state's files, too, as soon as no other
        process reads them.

        Raises:
            OSError: the state is away, or the disk refused.
        """
        self._tend(None)

    def catch_up(self) -> None:
        """Replays the records that the state lacks.

        Raises:
            OSError: as of `tend`.
        """
        with self._tending:
            self._replay(None)

    @contextmanager
    def reaching(self) -> Iterator[StateStore]:
        """Returns the state once it has all of the log.

        A reader catches up after a short failure. It does not wait for a long
        replay, its own or another thread's, and a state that did not answer is
        tried again a second later: otherwise all requests would wait.

        Raises:
            OSError: as of `tend`; `ConnectionError` if the state is away, or
                catching up for more than 50 ms.
        """
        if self.is_behind:
            self._look_again()
        try:
            yield self._state
        except ConnectionError as error:
            self.note_absence(error)
            raise

    def note_absence(self, error: OSError) -> None:
        """Marks the state as away until it is tried again."""
        self.events.is_behind = True
        self._absence = error
        self._asked_again_at = time.monotonic() + _PAUSE_SECONDS

    def list_seen(self, event_ids: Sequence[str]) -> set[str]:
        """Returns ids that the state has; none while it is away."""
        if self.events.is_behind:
            return set()
        try:
            return self._state.list_seen(event_ids)
        except OSError as error:
            self.note_absence(error)
            return set()

    def forget_user(self, user_id: str) -> int:
        """Removes a user from the log and from the state.

        Returns:
            How many records were removed: from the log or from the state,
            whichever held more.

        Raises:
            OSError: the disk or the state refused; `tend` finishes it.
        """
        with self._tending:
            self._log.forget_notes.add(user_id)
            return self._finish_forget(user_id)

    @contextmanager
    def reading_tables(
        self, must_have: bool = False
    ) -> Iterator[dict[str, list[bytes]]]:
        """Gives what a span tells of items and users, for the log to seal.

        Nobody is forgotten meanwhile: who left the log a moment before the
        state would be back.

        Args:
            must_have: whether it is an error that the state is away.

        Yields:
            Lines of JSON by name; nothing while the state is away, which a
            warning and `lacks_tables` tell.

        Raises:
            OSError: they must be had, and the state is away.
        """
        with self._tending:
            yield self._read_tables(must_have)

    def _read_tables(self, must_have: bool) -> dict[str, list[bytes]]:
        try:
            items = self._state.list_items()
            profiles = self._state.list_profiles()
        except OSError as error:
            if must_have:
                raise
            self.lacks_tables = True
            _logger.warning(
                "The state must tell items and profiles for a span. Received: "
                "%s. The span has them as they were before.",
                error,
            )
            return {}
        self.lacks_tables = False
        return {
            "items": [encode_item(item) + b"\n" for item in items],
            "users": [encode_profile(*pair) + b"\n" for pair in profiles],
        }

    def _tend(self, max_batches: int | None) -> None:
        with self._tending:
            known = self.events.applied, self.exposures.applied
            applied = self._state.open_log(self._log.log_id)
            if applied[0] < known[0] or applied[1] < known[1]:
                self.events.is_behind = True  # the state lost its records
            # A replay must not bring deleted users back.
            for user_id in self._state.list_forgets(self._log.log_id):
                self._log.forget_user(user_id)
                self._state.finish_forget(self._log.log_id, user_id)
            for user_id in self._log.forget_notes.list_users():
                self._finish_forget(user_id)
            if not self.is_erased:
                self.is_erased = self._state.erase_removed()
            if self.is_behind:
                self._replay(max_batches)

    def _replay(self, max_batches: int | None) -> None:
        open_log, log_id = self._state.open_log, self._log.log_id
        self.events.catch_up(lambda: open_log(log_id)[0], max_batches)
        self.exposures.catch_up(lambda: open_log(log_id)[1], max_batches)

    def _finish_forget(self, user_id: str) -> int:
        in_log = self._log.forget_user(user_id)
        with self._writing:  # then no removed record can be applied
            self.events.apply_settled()
            self.exposures.apply_written()
        self.is_erased = False
        in_state = self._state.forget_user(user_id, self._log.log_id)
        # The note goes all the same: the user may come back meanwhile. What is
        # not erased now is at the next try, or at the next start.
        self._log.forget_notes.remove(user_id)
        self.is_erased = self._state.erase_removed()
        if not self.is_erased:
            _logger.warning(
                "What a forgotten user did must leave the state's files. It is "
                "tried again until no other process reads them."
            )
        return max(in_log, in_state)

    def _look_again(self) -> None:
        if not self._tending.acquire(timeout=_READER_SECONDS):
            raise ConnectionError(
                "The state must have all of the log. Received: one that has "
                f"been catching up for more than {_READER_SECONDS} s."
            )
        try:
            if not self.is_behind:
                return
            if time.monotonic() < self._asked_again_at:
                raise ConnectionError(
                    "The state must be reachable. Received less than "
                    f"{_PAUSE_SECONDS} s ago: {self._absence}"
                ) from self._absence
            try:
                self._tend(_READER_BATCHES)
            except ConnectionError as error:
                self.note_absence(error)
                raise
        finally:
            self._tending.release()
