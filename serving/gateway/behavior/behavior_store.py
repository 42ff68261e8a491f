"""Events and slates: durable in a log, and ready to read in a state."""

import dataclasses
import threading
import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

from serving.background_thread import BackgroundThread
from serving.gateway.behavior.log.behavior_log import BehaviorLog
from serving.gateway.behavior.log.record_json import encode_event
from serving.gateway.behavior.log.record_json import encode_exposure
from serving.gateway.behavior.state.kept_state import KeptState
from serving.gateway.behavior.state.recent_ids import RecentIds
from serving.gateway.behavior.state.state_store import StateStore
from serving.gateway.records.event import Event
from serving.gateway.records.exposure import Exposure
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.records.profile import Profile

_TICK_SECONDS = 1.0
_MAX_CLOCK_SKEW = 60.0  # seconds that an event may be ahead of our clock
_RECENT_IDS = 10_000


class BehaviorStore:
    """Records events and exposures, and reads the state; safe in threads.

    An event is acknowledged when it is durable in the log, also while the state
    is away, because the state catches up from the log by itself. Reading needs
    the state and raises `ConnectionError` while it is away, and during a long
    catch-up.

    An event more than a minute in the future gets the present time: otherwise
    it would stay its user's newest for years and dominate popularity. Late
    events keep their time and are sorted in.

    Several gateways may share a state; each needs a log folder of its own.

    Attributes:
        thread: flushes, and keeps the state up to the log.
    """

    def __init__(
        self,
        state: StateStore,
        log: BehaviorLog,
        read_clock: Callable[[], float] = time.time,
    ):
        """Applies the log to the state, and continues to do so in a thread.

        Args:
            state: closed with the store; it may be away now.
            log: likewise.
            read_clock: seconds since the epoch.
        """
        self._state = state
        self._log = log
        self._read_clock = read_clock
        self._writing = threading.Lock()  # the log's order is the queue's
        self._recent = RecentIds(_RECENT_IDS)
        self._kept = KeptState(state, log, self._writing)
        self._unflushed: OSError | None = None
        self._tick()
        self.thread = BackgroundThread(
            "behavior-store", self._tick, _TICK_SECONDS
        )
        self.thread.start()

    @property
    def is_behind(self) -> bool:
        """Whether the state is away, or does not have all of the log yet."""
        return self._kept.is_behind

    @property
    def is_erased(self) -> bool:
        """Whether forgotten users are gone from the state's files, too."""
        return self._kept.is_erased

    @property
    def lacks_tables(self) -> bool:
        """Whether the newest span lacks what came to items and profiles."""
        return self._kept.lacks_tables

    def record_events(self, events: Sequence[Event]) -> list[Event]:
        """Records events durably; those with a known id are dropped.

        While the state is away, only ids of this process's last 10,000
        events are known here. The state drops the others, but the log then
        holds them twice.

        Args:
            events: in any order.

        Returns:
            Those that were new.

        Raises:
            OSError: they cannot be made durable, and none is recorded.
            ValueError: a text is not Unicode, and none is recorded.
        """
        now = self._read_clock()
        events = [_clamp(event, now) for event in events]
        seen = self._kept.list_seen([event.event_id for event in events])
        stream = self._log.streams["events"]
        with self._writing:
            fresh, tickets = self._recent.sort_out(events, seen)
            if fresh:
                ticket = stream.write([encode_event(one) for one in fresh])
                self._kept.events.submit(ticket, fresh)
                self._recent.add(fresh, ticket)
                tickets.append(ticket)
        for ticket in tickets:
            stream.wait(ticket)
        self._kept.events.apply_settled()
        return fresh

    def record_exposure(self, exposure: Exposure) -> None:
        """Records an exposure; it is durable within a second.

        Raises:
            OSError: it is not recorded: it, or earlier ones, cannot be logged.
            ValueError: a text is not Unicode or a number not finite.
        """
        unflushed, self._unflushed = self._unflushed, None
        if unflushed:
            raise OSError(
                unflushed.errno,
                "Exposures must reach the disk. Received: "
                f"{unflushed.strerror}.",
            ) from unflushed
        body = encode_exposure(exposure)
        with self._writing:
            ticket = self._log.streams["exposures"].write([body])
            self._kept.exposures.submit(ticket, [exposure])
        self._kept.exposures.apply_written()

    def import_events(self, events: Iterable[Event]) -> Path:
        """Makes the first span from events that were recorded elsewhere.

        They join the state as if they had been recorded here.

        Args:
            events: by rising time; ids must differ.

        Returns:
            The folder of the span.

        Raises:
            ValueError: something was recorded already, or there are none.
            OSError: the disk refused, and nothing is imported; or the state
                is away and will catch up.
        """
        with self._kept.reading_tables() as tables:
            span = self._log.import_events(map(encode_event, events), tables)
        self._kept.catch_up()
        return span

    def read_events(self, user_id: str, limit: int) -> list[Event]:
        """Returns a user's newest events by timestamp, oldest first."""
        with self._kept.reaching() as state:
            return state.read_events(user_id, limit)

    def list_users(self, limit: int) -> list[str]:
        """Returns users by their newest event, the newest first."""
        with self._kept.reaching() as state:
            return state.list_users(limit)

    def find_exposure(self, slate_id: str) -> Exposure | None:
        """Returns an exposure from the state; None = unknown, or old."""
        with self._kept.reaching() as state:
            return state.find_exposure(slate_id)

    def read_popularity(self, scenario: str) -> dict[str, float]:
        """Returns items' decayed counts, the most popular first.

        Args:
            scenario: "" = of all events.

        Returns:
            Item id to its decayed count; an event of now counts 1. Skips,
            searches and messages do not count.
        """
        with self._kept.reaching() as state:
            return state.read_popularity(scenario, self._read_clock())

    def put_items(self, items: Sequence[ItemFacts]) -> int:
        """Adds or replaces items, durably; see `StateStore.put_items`."""
        return self._state.put_items(items)

    def find_item(self, item_id: str) -> tuple[int, ItemFacts | None]:
        """Returns an item and its number; see `StateStore.find_item`."""
        return self._state.find_item(item_id)

    def replace_item(self, number: int, item: ItemFacts) -> int | None:
        """Puts an item in place of one; see `StateStore.replace_item`."""
        return self._state.replace_item(number, item)

    def find_newest_item(self) -> int:
        """Returns the number of the last put; 0 = none."""
        return self._state.find_newest_item()

    def list_items(self, after: int = 0) -> list[ItemFacts]:
        """Returns the items put after a number, those put last at the end."""
        return self._state.list_items(after)

    def put_profiles(self, profiles: Mapping[str, Profile]) -> int:
        """Keeps what is known of users; see `StateStore.put_profiles`."""
        return self._state.put_profiles(profiles)

    def find_profile(self, user_id: str) -> Profile:
        """Returns what is known of a user; nothing = an empty one."""
        return self._state.find_profile(user_id)

    def replace_document(
        self, name: str, before: bytes | None, after: bytes
    ) -> bool:
        """Keeps bytes under a name; see `StateStore.replace_document`."""
        return self._state.replace_document(name, before, after)

    def load_document(self, name: str) -> bytes | None:
        """Returns the bytes under a name; None = there are none."""
        return self._state.load_document(name)

    def forget_user(self, user_id: str) -> int:
        """Removes a user's entries from the log, its spans and the state.

        Once begun it is finished, after a kill by the next start. Other
        gateways that share the state do the same within a second, or when
        they start; of one that never comes back the state keeps a list. While
        another process reads the state's file, such as a backup, the file
        keeps what was removed: `is_erased` tells.

        Returns:
            How many entries left the log or the state, whichever held more.

        Raises:
            OSError: the disk or the state refused; it is finished later.
            ValueError: the id is not Unicode.
        """
        return self._kept.forget_user(user_id)

    def close_span(self, needs_tables: bool = False) -> Path:
        """Closes the current span; see `BehaviorLog.close_span`.

        Items and profiles are those of the newest span while the state is
        away, unless they are needed: then it is an `OSError`.
        """
        with self._kept.reading_tables(needs_tables) as tables:
            return self._log.close_span(tables)

    def find_sealing_time(self) -> float:
        """Returns when that was last; see `BehaviorLog.find_sealing_time`."""
        return self._log.find_sealing_time()

    def measure_live_log(self) -> int:
        """Returns how many bytes the open span holds."""
        return self._log.measure_live()

    def synchronise(self) -> None:
        """Does periodic work; a thread calls it once a second.

        Raises:
            OSError: exposures cannot be made durable, or the state is away.
        """
        self._log.streams["exposures"].flush()
        self._kept.tend()

    def close(self) -> None:
        """Flushes and closes log and state; twice is fine.

        Raises:
            OSError: exposures cannot be made durable; it is closed anyway.
        """
        if self.thread.is_stopping.is_set():
            return
        self.thread.stop()
        try:
            self._log.close()
        finally:
            self._state.close()

    def _tick(self) -> None:
        try:
            self._log.streams["exposures"].flush()
        except OSError as error:
            self._unflushed = error  # told to who records the next one
        try:
            self._kept.tend()
        except OSError as error:
            self._kept.note_absence(error)  # told to who reads next


def _clamp(event: Event, now: float) -> Event:
    if event.timestamp <= now + _MAX_CLOCK_SKEW:
        return event
    return dataclasses.replace(event, timestamp=now)
