"""One window example as Python values."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import NamedTuple

from serving.query import Constraints
from serving.query import Query


class WindowEvent(NamedTuple):
    """An event of a user; fields as in `schemas.events`.

    Attributes:
        timestamp: seconds since the epoch.
        value: None = it has none.
        positive: whether it counts as a success.
        scenario: "" = none; likewise text and session_id.
    """

    item_id: str
    event_type: str = "view"
    timestamp: int = 0
    value: float | None = None
    positive: bool = False
    scenario: str = ""
    text: str = ""
    session_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Window:
    """The events of a user, oldest first, and the next one.

    Attributes:
        label: the event that is to be predicted.
        num_context: leading events that are no targets in this example.
        older_item_ids: items met before the window began.
        profile: what is known of the user and may be learnt from, by the
            dataset's names.
        attributes: all that is known of the user, by the names of the
            features; some may be used for slices only.
    """

    user_id: str
    events: Sequence[WindowEvent]
    label: WindowEvent
    num_context: int = 0
    history_bucket: str = ""
    item_bucket: str = ""
    older_item_ids: Sequence[str] = ()
    profile: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str | float] = field(default_factory=dict)

    def to_query(self) -> Query:
        """Returns the query for the label, with its time and scenario."""
        return _build_query(
            self.events,
            scenario=self.label.scenario,
            query_time=self.label.timestamp,
            profile=self.profile,
        )

    def to_next_query(self) -> Query:
        """Returns the query for the event after the label."""
        return _build_query([*self.events, self.label], profile=self.profile)

    def to_constraints(self, repeats: bool = False) -> Constraints:
        """Returns constraints that exclude items met before the window.

        Args:
            repeats: whether the dataset repeats items; nothing is excluded.
        """
        if repeats:
            return Constraints(exclude_history=False)
        return Constraints(excluded_item_ids=self.older_item_ids)


def _build_query(events: Sequence[WindowEvent], **moment) -> Query:
    return Query(
        item_ids=[event.item_id for event in events],
        event_types=[event.event_type for event in events],
        timestamps=[event.timestamp for event in events],
        values=[event.value for event in events],
        **moment,
    )
