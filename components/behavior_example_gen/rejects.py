"""Lists and counts the rows that could not be used."""

import dataclasses
import json
from collections.abc import Iterable

from components.behavior_example_gen.remedies import find_remedy

READ = ""  # the reason under which all rows read are counted
REPLACED = "replaced"  # rows that a later table knows better: no fault
MARKS = "marks"  # of the gateway, which no model learns from: no fault either
NO_FAULTS = (READ, REPLACED, MARKS)


@dataclasses.dataclass(frozen=True)
class Tally:
    """The number of rows, and the place of the first."""

    count: int
    where: str = ""  # file:line


def add_tallies(
    parts: Iterable[dict[tuple[str, str], Tally]],
) -> dict[tuple[str, str], Tally]:
    """Adds up tallies, {(table, reason): Tally}."""
    total = {}
    for tallies in parts:
        for key, tally in tallies.items():
            known = total.get(key, tally)
            count = tally.count + (known.count if key in total else 0)
            total[key] = Tally(count, min(known.where, tally.where))
    return total


def format_reject(
    table: str, path: str, line: int, reason: str, row: str
) -> str:
    """Returns one line of rejects.jsonl, without its line break."""
    return json.dumps(
        {
            "table": table,
            "file": path,
            "line": line,
            "reason": reason,
            "row": row,
        },
        ensure_ascii=False,
    )


def count_rows(tallies: dict[tuple[str, str], Tally]) -> dict:
    """Returns the content of counts.json.

    Args:
        tallies: {(table, reason): tally}; reason READ counts all rows,
            REPLACED and MARKS those that are neither used nor rejected.
    """
    counts = {}
    for (table, reason), tally in sorted(
        tallies.items(), key=lambda one: one[0]
    ):
        entry = counts.setdefault(table, {"read": 0, "used": 0})
        rejected = entry.setdefault("rejected", {})
        if reason in NO_FAULTS:
            entry[reason or "read"] = tally.count
        else:
            rejected[reason] = tally.count
    for entry in counts.values():
        unused = sum(entry["rejected"].values())
        unused += entry.get(REPLACED, 0) + entry.get(MARKS, 0)
        entry["used"] = entry["read"] - unused
    return counts


def find_excess(
    tallies: dict[tuple[str, str], Tally], max_share: float
) -> str | None:
    """Returns the error if a table has too many rejects, else None."""
    for table, entry in count_rows(tallies).items():
        num_rejected = sum(entry["rejected"].values())
        if num_rejected <= max_share * entry["read"]:
            continue
        reasons = "; ".join(
            f"{reason}: {tally.count} (first at {tally.where})"
            f"{_write_remedy(table, reason)}"
            for (name, reason), tally in sorted(
                tallies.items(), key=lambda one: -one[1].count
            )
            if name == table and reason not in NO_FAULTS
        )
        return (
            f"at most {max_share:.1%} of the rows of `{table}` may be "
            f"rejected (`max_reject_share`). Received: {num_rejected} of "
            f"{entry['read']}. Reasons: {reasons}. Where such rows are right "
            "to leave out, raise `max_reject_share`."
        )
    return None


def _write_remedy(table: str, reason: str) -> str:
    remedy = find_remedy(table, reason)
    return f", {remedy}" if remedy else ""
