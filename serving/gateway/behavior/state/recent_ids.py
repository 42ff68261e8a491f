"""The latest event ids, and whether their events are durable."""

from collections import OrderedDict
from collections.abc import Collection
from collections.abc import Sequence

from serving.gateway.behavior.log.segment_log import Ticket
from serving.gateway.records.event import Event


class RecentIds:
    """Recognises a repeated event while its first copy is being written.

    An event that is written to the log is not yet in the state, for long if the
    state is away. Not thread-safe.
    """

    def __init__(self, max_ids: int):
        """Knows none yet.

        Args:
            max_ids: beyond it the oldest are forgotten.
        """
        self._max_ids = max_ids
        self._tickets: OrderedDict[str, Ticket] = OrderedDict()

    def sort_out(
        self, events: Sequence[Event], seen: Collection[str]
    ) -> tuple[list[Event], list[Ticket]]:
        """Separates new events from repeated ones.

        Args:
            events: in any order; of two with one id the first counts.
            seen: ids that the state has.

        Returns:
            The new ones, and what to wait with until the others are durable.
        """
        fresh: dict[str, Event] = {}
        tickets = []
        for event in events:
            ticket = self._tickets.get(event.event_id)
            if ticket and not ticket.failure:
                tickets.append(ticket)
            elif event.event_id not in seen:
                fresh.setdefault(event.event_id, event)
        return list(fresh.values()), tickets

    def add(self, events: Sequence[Event], ticket: Ticket) -> None:
        """Records that events are being written."""
        for event in events:
            self._tickets[event.event_id] = ticket
            self._tickets.move_to_end(event.event_id)
        while len(self._tickets) > self._max_ids:
            self._tickets.popitem(last=False)
