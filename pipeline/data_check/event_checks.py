"""What is wrong with events, one by one and beside items and users."""

import time
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.behavior_example_gen.rejects import REPEATS
from components.behavior_validator.config import CHECKS
from components.behavior_validator.config import CheckConfig
from pipeline.config import PipelineConfig
from pipeline.data_check.finding import Finding
from pipeline.data_check.positive_value import describe_values
from pipeline.data_check.positive_value import propose_positive_value
from pipeline.data_check.table_content import TableContent
from schemas import events as names


def check_events(
    config: PipelineConfig, tables: dict[str, TableContent]
) -> Iterator[Finding]:
    """Finds what BehaviorValidator will stop at, and what has no likes.

    Args:
        config: of the run.
        tables: by name; those of which rows were left unread tell nothing of
            ids that are unknown.
    """
    events = tables["events"].rows
    if events is None or not events.num_rows:
        return
    yield from _check_repeats(config, tables["events"])
    yield from _check_positive(config, events)
    yield from _check_validity(config, tables["events"])
    yield from _check_known(config, tables)


def _check_repeats(
    config: PipelineConfig, content: TableContent
) -> Iterator[Finding]:
    num_repeats = content.counts.get(REPEATS, 0)
    share = num_repeats / content.counts["read"]
    if share > config.validation.duplicate_events.max_share:
        yield Finding(
            level="warning",
            code="duplicate_events",
            text=f"{num_repeats:,} of {content.counts['read']:,} rows of "
            "`events` tell an event again: user, item, type, value and second "
            "are the same. Each is used once",
            remedy="Where each row is an event of its own, set "
            "`dataset.events.order: file`.",
        )


def _check_positive(
    config: PipelineConfig, events: pa.Table
) -> Iterator[Finding]:
    settings = config.dataset.events
    values = events[names.VALUE].to_numpy().astype(np.float64)
    if settings.value == "count":
        # `positive_value` bounds the counts; stored is log(1 + n).
        values = np.round(np.expm1(values))
    if pc.any(events[names.POSITIVE]).as_py():
        if settings.positive_value is None and _has_ratings(events, values):
            yield Finding(
                level="warning",
                code="no_positive_ratings",
                text="no rating counts as a like, however high it is",
                remedy=_propose(values),
            )
        return
    types = pc.unique(events[names.EVENT_TYPE]).to_pylist()
    found = ", ".join(sorted(names.EVENT_TYPES[code] for code in types))
    yield Finding(
        level="warning",
        code="nothing_positive",
        text="no event counts as a like: the model cannot learn what people "
        f"like. Received: {events.num_rows:,} events of the types {found}",
        remedy=_propose(values)
        or "list in `dataset.events.positive_event_types` the types that "
        f"mean a like (now: {', '.join(settings.positive_event_types)})",
    )


def _has_ratings(events: pa.Table, values: np.ndarray) -> bool:
    ratings = [names.EVENT_TYPES.index(one) for one in names.RATING_TYPES]
    is_rating = np.isin(events[names.EVENT_TYPE].to_numpy(), ratings)
    return bool((is_rating & np.isfinite(values)).any())


def _propose(values: np.ndarray) -> str:
    value = propose_positive_value(values)
    if value is None:
        return ""
    return (
        f"set `dataset.events.positive_value: {value:g}`: "
        f"{describe_values(values, value)}"
    )


def _check_validity(
    config: PipelineConfig, events: TableContent
) -> Iterator[Finding]:
    rules = config.validation
    if not config.dataset.has_times():
        return
    seconds = events.rows[names.TIMESTAMP].to_numpy()
    faults = {
        "future_events": seconds > (rules.now or time.time()),
        "implausible_times": seconds < rules.earliest,
    }
    for name, is_fault in faults.items():
        yield from judge(name, is_fault, getattr(rules, name), events)


def _check_known(
    config: PipelineConfig, tables: dict[str, TableContent]
) -> Iterator[Finding]:
    events, items = tables["events"], tables["items"]
    if items.rows is not None and not items.is_cut:
        is_unknown = find_unknown(events.rows, items.rows, names.ITEM_ID)
        rule = config.validation.unknown_items
        yield from judge("unknown_items", is_unknown, rule, events)
    users = tables.get("users")
    if users is None or users.rows is None or users.is_cut:
        return
    is_unknown = find_unknown(events.rows, users.rows, names.USER_ID)
    rule = config.validation.unknown_users
    yield from judge("unknown_users", is_unknown, rule, events)


def find_unknown(events: pa.Table, known: pa.Table, key: str) -> np.ndarray:
    """Tells which events have an id that a table lacks; bool `[events]`."""
    known_ids = known[key].combine_chunks()
    is_known = pc.is_in(events[key], value_set=known_ids)
    return ~is_known.to_numpy()


def judge(
    name: str, is_fault: np.ndarray, rule: CheckConfig, content: TableContent
) -> Iterator[Finding]:
    """Judges a check of BehaviorValidator as it will be judged in the run.

    Args:
        name: of the check.
        is_fault: bool `[rows]`.
        rule: what is allowed.
        content: what was looked at. The first faulty row is shown, unless it
            may be a person's. What is too much of the first rows may be few of
            all, and is a warning.
    """
    if rule.action == "off" or not is_fault.any():
        return
    if is_fault.mean() <= rule.max_share:
        return
    is_sure = not content.is_cut or not rule.max_share
    part = "" if is_sure else ". These are the first rows: a run judges all"
    yield Finding(
        level="error" if rule.action == "stop" and is_sure else "warning",
        code=name,
        text=f"{_share(is_fault)} {CHECKS[name]}; "
        f"{rule.max_share:.2%} are allowed{part}"
        f"{_show_first(content, is_fault)}",
        remedy=f"mend the data, or raise `validation.{name}.max_share`",
    )


def _share(is_fault: np.ndarray) -> str:
    return (
        f"{int(is_fault.sum()):,} of {len(is_fault):,} ({is_fault.mean():.1%})"
    )


def _show_first(content: TableContent, is_fault: np.ndarray) -> str:
    if not content.shows_rows:
        return ""
    row = int(np.argmax(is_fault))
    shown = ", ".join(
        str(content.rows[column][row].as_py())
        for column in (names.USER_ID, names.ITEM_ID, names.TIMESTAMP)
        if column in content.rows.column_names
    )
    return f". The first: {shown}"
