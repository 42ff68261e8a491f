"""What behaviour data must look like. Free of TensorFlow and Beam."""

from dataclasses import field
from typing import Annotated
from typing import Literal

from pydantic import Field
from pydantic import PositiveInt
from pydantic.dataclasses import dataclass

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Action = Literal["warn", "stop", "off"]


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class CheckConfig:
    """How many faulty rows are allowed, and what happens above that."""

    max_share: Share = 0.0  # of the rows that the check looks at
    action: Action = "warn"


def _stop_above(max_share: float) -> CheckConfig:
    return field(
        default_factory=lambda: CheckConfig(max_share=max_share, action="stop")
    )


def _warn_above(max_share: float) -> CheckConfig:
    return field(
        default_factory=lambda: CheckConfig(max_share=max_share, action="warn")
    )


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class BehaviorValidatorConfig:
    """One `CheckConfig` a check, and the bounds the checks use."""

    # Clocks that run ahead, and times of another zone, are in most logs.
    future_events: CheckConfig = _stop_above(0.01)
    implausible_times: CheckConfig = _stop_above(0.0)
    duplicate_events: CheckConfig = _warn_above(0.01)
    inhuman_users: CheckConfig = _warn_above(0.01)
    unknown_items: CheckConfig = _stop_above(0.05)
    unknown_users: CheckConfig = _warn_above(0.05)
    items_without_text: CheckConfig = _warn_above(0.05)
    events_in_two_splits: CheckConfig = _stop_above(0.0)
    leaking_windows: CheckConfig = _stop_above(0.0)
    emails: CheckConfig = _warn_above(0.0)
    phone_numbers: CheckConfig = _warn_above(0.0)
    card_numbers: CheckConfig = _stop_above(0.0)  # in what people wrote
    item_card_numbers: CheckConfig = _warn_above(0.0)  # product numbers may
    # look like them
    bank_accounts: CheckConfig = _warn_above(0.0)
    schema_anomalies: CheckConfig = _stop_above(0.0)

    now: PositiveInt | None = None  # seconds; later is the future; None = clock
    earliest: int = 631152000  # seconds; 1990-01-01, before the web had logs
    # MovieLens users rate whole pages: of 671 the busiest rated 193 movies in
    # a minute and 1,291 in a day, half of them 10 and 59 at their best.
    max_events_per_minute: PositiveInt = 300
    max_events_per_day: PositiveInt = 2000
    num_shown: PositiveInt = 5  # offenders that the report names per check


CHECKS = {
    "future_events": "events later than now",
    "implausible_times": "events before the earliest plausible time",
    "duplicate_events": "events that repeat user, item, type, value and time",
    "inhuman_users": "users who act faster than a person can",
    "unknown_items": "events on items that the catalogue lacks",
    "unknown_users": "events of users whom the users table lacks",
    "items_without_text": "items with no title or description to read",
    "events_in_two_splits": "events to be predicted in more than one split",
    "leaking_windows": "examples whose window holds an event from later on",
    "emails": "texts with an e-mail address",
    "phone_numbers": "texts with a telephone number",
    "card_numbers": "texts of events with a payment card number",
    "item_card_numbers": "texts of items with a payment card number",
    "bank_accounts": "texts with a bank account number (IBAN)",
    "schema_anomalies": "features that break the schema",
}
