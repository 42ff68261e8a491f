"""The interface of a state store."""

import hashlib
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Protocol

from serving.gateway.records.event import Event
from serving.gateway.records.exposure import Exposure
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.records.profile import Profile


class StateStore(Protocol):
    """The state of users and items; safe in threads.

    Events and exposures come from logs, each known by its id, in the order
    of the log's sequence numbers. A store keeps how far it has applied each
    stream of each log, in the same transaction as the records, so that a replay
    can neither lose nor repeat a record.

    Every method raises `OSError` if the store cannot be read or written, and
    `ConnectionError`, which is one, if it cannot be reached.
    """

    def open_log(self, log_id: str) -> tuple[int, int]:
        """Registers a log, so that it learns of deleted users.

        Returns:
            The last sequence number applied of its events and of its
            exposures; 0 = none.

        Raises:
            ValueError: a newer release keeps its state there.
        """

    def apply_events(
        self,
        log_id: str,
        previous: int,
        events: Sequence[tuple[int, Event]],
    ) -> bool:
        """Applies the next events of a log; known event ids are passed over.

        An `undo` is not kept: the event that it names leaves, also from
        popularity, and is passed over if it comes later.

        Args:
            log_id: of the log.
            previous: the sequence number applied last, as the caller knows.
            events: with their numbers, rising, above `previous`.

        Returns:
            Whether it was done. If not, another number was applied last,
            nothing has changed, and the log must be replayed from there.
        """

    def apply_exposures(
        self,
        log_id: str,
        previous: int,
        exposures: Sequence[tuple[int, Exposure]],
    ) -> bool:
        """Applies the next exposures of a log, as `apply_events` does."""

    def list_seen(self, event_ids: Collection[str]) -> set[str]:
        """Returns those ids whose events were applied."""

    def read_events(self, user_id: str, limit: int) -> list[Event]:
        """Returns a user's newest events by timestamp, oldest first."""

    def list_users(self, limit: int) -> list[str]:
        """Returns users by their newest event, the newest first."""

    def find_exposure(self, slate_id: str) -> Exposure | None:
        """Returns an exposure; None = not known, or removed.

        It has no features, propensities and candidates, nor the position
        that these are for: the log has them, and they are six times the rest.
        """

    def read_popularity(self, scenario: str, now: float) -> dict[str, float]:
        """Returns items' decayed counts, the most popular first.

        Args:
            scenario: "" = of all events.
            now: seconds since the epoch; an event of then counts 1.
        """

    def put_items(self, items: Sequence[ItemFacts]) -> int:
        """Adds or replaces items, durably.

        Returns:
            How many items had to leave, because there are too many: those
            whose last change is the oldest.

        Raises:
            ValueError: a text is not Unicode, and none is put.
        """

    def find_item(self, item_id: str) -> tuple[int, ItemFacts | None]:
        """Returns the number that an item was put with, and the item.

        It is None where the state has no such item; the number is 0 where it
        has nothing of that id at all.
        """

    def replace_item(self, number: int, item: ItemFacts) -> int | None:
        """Puts an item durably, if nobody else has since it was read.

        Args:
            number: as of `find_item`.
            item: in place of the one found.

        Returns:
            How many items had to leave, as of `put_items`. None = another
            process was faster, and nothing has changed.

        Raises:
            ValueError: as of `put_items`.
        """

    def find_newest_item(self) -> int:
        """Returns the number of the item put last; each put gives a higher.

        0 = there is none. A state that lost its items may start at zero.
        """

    def list_items(self, after: int = 0) -> list[ItemFacts]:
        """Returns the items put after a number, those put last at the end."""

    def put_profiles(self, profiles: Mapping[str, Profile]) -> int:
        """Keeps what is known of users, durably, in place of what was.

        Args:
            profiles: by user id; an empty one removes the user's.

        Returns:
            How many profiles had to leave, as of `put_items`.

        Raises:
            ValueError: as of `put_items`.
        """

    def find_profile(self, user_id: str) -> Profile:
        """Returns what is known of a user; nothing = an empty one."""

    def list_profiles(self) -> list[tuple[str, Profile]]:
        """Returns users and profiles, those put last at the end."""

    def replace_document(
        self, name: str, before: bytes | None, after: bytes
    ) -> bool:
        """Keeps bytes under a name, durably, in place of those known.

        Args:
            name: of the document.
            before: what was loaded; None = there was none.
            after: what is to be kept.

        Returns:
            Whether it was done. If not, another process was faster, and
            nothing has changed.
        """

    def load_document(self, name: str) -> bytes | None:
        """Returns the bytes under a name; None = there are none."""

    def forget_user(self, user_id: str, log_id: str) -> int:
        """Removes a user's records, and informs the other logs.

        Args:
            user_id: whose entries leave; counts of items stay.
            log_id: of the log that has already forgotten the user.

        Returns:
            How many events, exposures and profiles were removed.
        """

    def erase_removed(self) -> bool:
        """Takes what was removed out of the store's files as well.

        Returns:
            Whether nothing of it can be read there any more. If not, another
            process reads the files: try again later.
        """

    def list_forgets(self, log_id: str) -> list[str]:
        """Returns users that a log still has to delete."""

    def finish_forget(self, log_id: str, user_id: str) -> None:
        """Removes a user from a log's list."""

    def close(self) -> None:
        """Closes files and connections."""


def digest_event_id(event_id: str) -> bytes:
    """Returns the 16-byte digest of an event id."""
    return hashlib.blake2b(event_id.encode(), digest_size=16).digest()
