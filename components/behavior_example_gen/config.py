"""Settings of the tables of a dataset: files, and the meaning of columns."""

import os
import re
from dataclasses import field
from pathlib import Path
from typing import Annotated
from typing import Literal

from pydantic import AfterValidator
from pydantic import BeforeValidator
from pydantic import Field
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from components.behavior_example_gen.table_config import Name
from components.behavior_example_gen.table_config import TableConfig
from schemas.events import EVENT_TYPES

EventType = Literal[EVENT_TYPES]
EventRole = Literal[
    "user_id",
    "item_id",
    "timestamp",
    "event_type",
    "value",
    "text",
    "scenario",
    "session_id",
]
ItemRole = Literal[
    "item_id",
    "title",
    "description",
    "categories",
    "price",
    "created_at",
    "image_url",
    "scenario",
    "image_vector",
    "audio_vector",
    "entity_id",
]
UserRole = Literal["user_id"]
TimestampUnit = Literal["auto", "s", "ms", "us", "ns", "excel", "iso8601"]
Ties = Literal["hash", "item_id"]
Order = Literal["time", "file", "none"]
AttributeType = Literal["text", "number"]


def _read_yes_no(value: object) -> bool:
    """YAML reads a bare yes or no as a boolean, a quoted one as text."""
    if isinstance(value, bool):
        return value
    words = {"yes": True, "true": True, "no": False, "false": False}
    if isinstance(value, str) and value.strip().lower() in words:
        return words[value.strip().lower()]
    raise ValueError(f"must be yes or no. Received: {value!r}.")


def _check_spans(value: str) -> str:
    if not re.fullmatch(r"newest|all|last [1-9]\d*", value):
        raise ValueError(
            "must be newest, all, or last and a number, such as `last 7`. "
            f"Received: {value!r}."
        )
    return value


Spans = Annotated[str, AfterValidator(_check_spans)]
YesNo = Annotated[bool, BeforeValidator(_read_yes_no)]


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class EventsConfig(TableConfig):
    """What people did.

    An event is positive when its value reaches `positive_value` or its type
    is one of `positive_event_types`. Whether a rating or a review is positive
    depends on its value, so neither type is positive by itself.
    """

    columns: dict[EventRole, Name]  # role: column of the file
    default_event_type: EventType | None = None  # for rows without a type
    default_scenario: str = ""
    event_types: dict[Name, EventType | Literal["ignore"]] = field(
        default_factory=dict
    )  # theirs: ours; our own names need no entry
    timestamp_unit: TimestampUnit = "auto"  # numbers are s, ms, us or ns by
    # their size; text that is no number is ISO 8601, UTC if it names no zone
    timestamp_format: str | None = None  # as strptime takes it; instead of unit
    order: Order = "time"  # of a user's events: by their times; by their rows
    # in the file, within equal times where there are times; or they have none
    value: Literal["number", "count"] = "number"  # of a count
    # the logarithm is stored
    negatives: Name | None = None  # a column of 0 and 1: 0 = shown and passed
    # over, an event of the type skip
    positive_value: float | None = None
    positive_event_types: tuple[EventType, ...] = (
        "click",
        "cart",
        "purchase",
        "listen",
    )

    @model_validator(mode="after")
    def _check(self) -> "EventsConfig":
        _require_roles("events", self.columns, "user_id", "item_id")
        if self.order == "time" and "timestamp" not in self.columns:
            raise ValueError(
                "`events` must map `timestamp` to a column, or say `order: "
                "file` (rows of the file are in order) or `order: none`. "
                f"Received: columns={self.columns}."
            )
        if self.order == "none" and "timestamp" in self.columns:
            raise ValueError(
                "`order: none` must come without a `timestamp`. Received: "
                f"timestamp={self.columns['timestamp']!r}. Remedy: `order: "
                "time`, or leave the column out."
            )
        if "event_type" not in self.columns and not self.default_event_type:
            raise ValueError(
                "`events` must map `event_type` to a column or set "
                f"`default_event_type`. Received: columns={self.columns}."
            )
        named = (self.negatives,) if self.negatives else ()
        self.check_layout([*self.columns.values(), *named])
        return self


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class ItemsConfig(TableConfig):
    """The items table: what can be recommended."""

    columns: dict[ItemRole, Name]
    category_separator: Annotated[str, Field(min_length=1)] = "|"
    default_scenario: str = ""
    timestamp_unit: TimestampUnit = "auto"  # of created_at
    timestamp_format: str | None = None  # likewise

    @model_validator(mode="after")
    def _check(self) -> "ItemsConfig":
        _require_roles("items", self.columns, "item_id", "title")
        self.check_layout(self.columns.values())
        return self


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class UsersConfig(TableConfig):
    """The users table. Attributes become features of the same name."""

    columns: dict[UserRole, Name]
    attributes: dict[Name, AttributeType] = field(default_factory=dict)
    sensitive: dict[Name, AttributeType] = field(default_factory=dict)  # used
    # for fairness slices only, never as features

    @model_validator(mode="after")
    def _check(self) -> "UsersConfig":
        _require_roles("users", self.columns, "user_id")
        twice = sorted(set(self.attributes) & set(self.sensitive))
        if twice:
            raise ValueError(
                "a user column must be either in `attributes` or in "
                f"`sensitive`. Received: {twice} in both."
            )
        self.check_layout(
            [*self.columns.values(), *self.attributes, *self.sensitive]
        )
        return self


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class DatasetConfig:
    """The tables of one dataset."""

    events: EventsConfig
    items: ItemsConfig
    more_items: tuple[ItemsConfig, ...] = ()  # such as those that came to the
    # gateway; of one item the last table's record stays. Without files yet,
    # such a table is empty
    users: UsersConfig | None = None
    more_users: tuple[UsersConfig, ...] = ()  # likewise
    spans: Spans = "newest"  # which of the files with {SPAN} or {YYYY}{MM}{DD}
    # are read: newest, all, or such as `last 7`
    repeats: YesNo = False  # do people come back to items? No: slates leave
    # out what was met, and evaluations count it as a miss. Yes: it competes
    pseudonymise_key_file: str | None = None  # user ids become keyed BLAKE2b
    # digests; rejected rows are then listed without their content
    max_reject_share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.05
    ties: Ties = "hash"  # what orders a user's events of one microsecond: a
    # hash of user and item, or the item id, which may mean something
    ties_seed: Annotated[int, Field(ge=0, lt=10**16)] = 0  # of the hash

    @model_validator(mode="after")
    def _check(self) -> "DatasetConfig":
        if self.more_users and self.users is None:
            raise ValueError(
                "`more_users` must come on top of `users`. Received: no "
                "`users`."
            )
        if self.events.order == "none" and self.ties != "hash":
            raise ValueError(
                "`ties` must be hash where events have no order. Received: "
                f"ties={self.ties}."
            )
        return self

    def has_times(self) -> bool:
        """Tells whether it is known when events were."""
        return "timestamp" in self.events.columns

    def list_tables(self, name: str) -> tuple[TableConfig, ...]:
        """Returns where a table's rows are; of some ids the last one knows.

        Args:
            name: events, items or users.
        """
        table = getattr(self, name)
        first = () if table is None else (table,)
        return first + getattr(self, f"more_{name}", ())

    def list_shared(self, name: str) -> list[bool]:
        """Tells which tables of `list_tables` are read from the events' files.

        There, an id stands in every row that an event of it has.
        """
        known = _normalise(self.events)
        return [known >= _normalise(one) for one in self.list_tables(name)]


def _normalise(table: TableConfig) -> set[str]:
    """Returns the paths of a table, each in its only spelling."""
    return {os.path.normpath(Path(one).absolute()) for one in table.paths()}


def _require_roles(table: str, columns: dict, *roles: str) -> None:
    for role in roles:
        if role not in columns:
            raise ValueError(
                f"`{table}` must map `{role}` to a column. "
                f"Received: columns={columns}."
            )
