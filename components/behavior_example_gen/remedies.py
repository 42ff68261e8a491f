"""What a user can do about rows that ingest rejects."""

_REMEDIES = {  # by the beginning of the reason
    "wrong number of columns": "Set `delimiter` to the sign between the "
    "columns, or mend the quotes of such lines.",
    "stray quote": "Set `quoting: none` where quotes are characters, or "
    "`escape` where a backslash stands before them.",
    "not UTF-8": "Set `encoding`, or save the file as UTF-8.",
    "not JSON": "Write one JSON object a line.",
    "blank line": "Take blank lines out of the file.",
    "empty file": "Leave the file out of `path`.",
    "missing title": "No row of such an item has a title: `columns.title` must "
    "name the right column.",
    "duplicate": "The first row of an id is used; keep one row of each.",
}


def find_remedy(reason: str) -> str:
    """Says what helps against lines that are no rows; "" = nothing is known.

    What helps against a cell is told where the cell is read.

    Args:
        reason: of a reject.
    """
    for begin, remedy in _REMEDIES.items():
        if reason.startswith(begin):
            return remedy
    return ""
