"""Lists and counts the rows that could not be used."""

import dataclasses
import json
from collections.abc import Iterable

from components.behavior_example_gen.remedies import find_remedy

READ = ""  # the reason under which all rows read are counted
REPLACED = "replaced"  # rows that a later table knows better: no fault
MARKS = "marks"  # of the gateway, which no model learns from: no fault either
IGNORED = "ignored"  # of a type that the mapping leaves out: nor is this
REPEATS = "duplicates"  # that tell an event again
HINT = "one category, or several?"  # begins the reason of a warning of cells
# that are not left empty
NO_FAULTS = (READ, REPLACED, MARKS, IGNORED, REPEATS)


@dataclasses.dataclass(frozen=True)
class Tally:
    """The number of rows with one fault, and the first of them.

    Attributes:
        count: rows; of a warning, cells.
        where: of the first, file:line.
        value: of the first, as it is quoted; "" = there is none, or it must
            not be told.
        remedy: what is allowed, and which setting helps; "" = unknown.
        is_warning: the rows were used, with an empty cell unless the reason
            begins with HINT.
    """

    count: int
    where: str = ""
    value: str = ""
    remedy: str = ""
    is_warning: bool = False

    def describe(self, reason: str) -> str:
        """Writes what is wrong, where, and what helps."""
        value = f", {self.value}" if self.value else ""
        told = f"{reason}: {self.count} (first at {self.where}{value})"
        remedy = self.remedy or find_remedy(reason)
        return f"{told}. {remedy}" if remedy else told


def add_tallies(
    parts: Iterable[dict[tuple[str, str], Tally]],
) -> dict[tuple[str, str], Tally]:
    """Adds up tallies, {(table, reason): Tally}."""
    total = {}
    for tallies in parts:
        for key, tally in tallies.items():
            known = total.get(key)
            if known is None:
                total[key] = tally
                continue
            first = min(known, tally, key=_get_place)
            total[key] = dataclasses.replace(
                first, count=known.count + tally.count
            )
    return total


def _get_place(tally: Tally) -> tuple[str, int]:
    path, _, line = tally.where.rpartition(":")
    return path, int(line or 0)


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
        tallies: {(table, reason): tally}; reason READ counts all rows, the
            other NO_FAULTS those that are neither used nor rejected.
    """
    counts = {}
    for (table, reason), tally in sorted(
        tallies.items(), key=lambda one: one[0]
    ):
        entry = counts.setdefault(table, {"read": 0, "used": 0, "rejected": {}})
        if reason in NO_FAULTS:
            entry[reason or "read"] = tally.count
        elif tally.is_warning:
            entry.setdefault("warnings", {})[reason] = tally.count
        else:
            entry["rejected"][reason] = tally.count
    for entry in counts.values():
        unused = sum(entry["rejected"].values())
        unused += sum(entry.get(reason, 0) for reason in NO_FAULTS if reason)
        entry["used"] = entry["read"] - unused
    return counts


def describe_faults(
    tallies: dict[tuple[str, str], Tally], table: str
) -> dict[str, str]:
    """Returns {reason: sentence} of rejects and warnings, most first."""
    return {
        reason: tally.describe(reason)
        for (name, reason), tally in sorted(
            tallies.items(), key=lambda one: -one[1].count
        )
        if name == table and reason not in NO_FAULTS
    }


def find_excess(
    tallies: dict[tuple[str, str], Tally], max_share: float
) -> str | None:
    """Returns the error if a table has too many rejects, else None."""
    for table, entry in count_rows(tallies).items():
        num_rejected = sum(entry["rejected"].values())
        if num_rejected <= max_share * entry["read"]:
            continue
        faults = describe_faults(tallies, table)
        reasons = "\n".join(
            f"  {fault}"
            for reason, fault in faults.items()
            if reason in entry["rejected"]
        )
        return (
            f"at most {max_share:.1%} of the rows of `{table}` may be "
            f"rejected (`max_reject_share`). Received: {num_rejected} of "
            f"{entry['read']}.\n{reasons}\nWhere such rows are right "
            "to leave out, raise `max_reject_share`."
        )
    return None
