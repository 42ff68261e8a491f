"""What a user can do about rows that ingest rejects."""

_REMEDIES = {  # by the beginning of the reason; the first that fits
    "wrong number of columns": "set `delimiter` to the sign between the "
    "columns, or mend the quotes of such lines",
    "not UTF-8": "save the file as UTF-8",
    "not JSON": "write one JSON object a line",
    "empty file": "leave the file out of `path`",
    "missing user_id": "see that `columns.user_id` names the right column",
    "missing item_id": "see that `columns.item_id` names the right column",
    "missing title": "see that `columns.title` names the right column",
    "missing timestamp": "see that `columns.timestamp` names the right column",
    "missing event_type": "set `default_event_type` for such rows",
    "unknown event type": "translate it: `event_types: {theirs: ours}`",
    "unparsable": "set `timestamp_unit`, or correct the column's times",
    "duplicate": "the first row of an id is used; keep one row of each",
    "wrong type": "map another column, or correct the column's values",
}


def find_remedy(table: str, reason: str) -> str:
    """Names the setting that may fix it; "" where none is known.

    Args:
        table: events, items or users.
        reason: of a reject.
    """
    for begin, remedy in _REMEDIES.items():
        if reason.startswith(begin):
            return remedy.replace("`columns.", f"`dataset.{table}.columns.")
    return ""
