"""Chooses spans, and fills the patterns of paths in.

Patterns mean what they mean to TFX's ExampleGen. Read here, because TFX takes
20 seconds to import and knows one span only.
"""

import dataclasses
import datetime
import logging
import re
from collections.abc import Iterator

from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.reading import file_access
from components.behavior_example_gen.table_config import TableConfig

_logger = logging.getLogger(__name__)
_SPEC = re.compile(r"\{(SPAN|VERSION|YYYY|MM|DD)(?::(\d+))?\}")
_SPECS = re.compile(rf"(?:{_SPEC.pattern})+")  # two stars would mean folders
_DATE = ("YYYY", "MM", "DD")
_GLOBS = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
_DAY_0 = datetime.date(1970, 1, 1)
_SHOWN = 10

# {span: {version, -1 where the pattern has none: path}}
_Found = dict[int, dict[int, str]]


def resolve_spans(
    dataset: DatasetConfig, span: int | None
) -> tuple[DatasetConfig, int, int]:
    """Fills span, date and version patterns in.

    Args:
        dataset: tables whose paths may hold patterns.
        span: the newest span to read; None takes the latest one of the
            events. How many before it are read says `dataset.spans`.

    Returns:
        The dataset with plain globs, the newest span (0 where no path has a
        pattern) and its version of the events (0 likewise). Events of all
        chosen spans are one table; items and users of each span are a table
        of their own, so that of some ids the newest row is used.

    Raises:
        ValueError: no file belongs to the span, or a pattern is malformed.
    """
    chosen = _choose_spans(dataset, span)
    if not chosen:
        return dataset, span or 0, 0
    version = 0
    changed = {}
    if _has_span(dataset.events):
        found = _require("events", dataset.events, chosen)
        globs = tuple(_newest_version(found[one]) for one in sorted(found))
        path = globs[0] if len(globs) == 1 else globs
        changed["events"] = dataclasses.replace(dataset.events, path=path)
        version = max(max(found[max(found)]), 0)
    for name in ("items", "users"):
        table = getattr(dataset, name)
        tables = []
        if table is not None and _has_span(table):
            found = _require(name, table, chosen)
            tables = _fill(table, found)
            changed[name] = tables.pop(0)
        for further in getattr(dataset, f"more_{name}"):
            tables += _fill_further(further, chosen)
        changed[f"more_{name}"] = tuple(tables)
    return dataclasses.replace(dataset, **changed), chosen[-1], version


def name_spans(pattern: str) -> dict[str, tuple[int, int] | None]:
    """Returns the span and the version that names of files tell.

    Args:
        pattern: of paths.

    Returns:
        By path; {} for a pattern without spans. None = the name fits but for
        the span, or its date is none. The version is -1 where the pattern has
        none.
    """
    if not _SPEC.search(pattern):
        return {}
    return {path: found and found[:2] for path, found in _read_names(pattern)}


def _choose_spans(dataset: DatasetConfig, span: int | None) -> list[int]:
    """Returns the spans to read, ascending; none where no path has them."""
    for name in ("events", "items", "users"):
        table = getattr(dataset, name)
        if table is None or not _has_span(table):
            continue
        found = sorted(_find(table))
        known = [one for one in found if span is None or one <= span]
        if not known or span not in (None, known[-1]):
            wanted = "any span" if span is None else f"span {span}"
            raise ValueError(
                f"`{name}` must have files of {wanted}. Received: "
                f"path={table.path!r}, which matches the spans "
                f"{_show(table, found)}."
            )
        chosen = known[-_count(dataset.spans, len(known)) :]
        left_out = known[: -len(chosen)]
        if left_out and span is None:
            _logger.warning(
                "`%s`: only %s of %d spans is read, because of `spans: %s`; "
                "left out: %s. Set `spans: all` or `spans: last N` in "
                "`dataset` to read more.",
                name,
                _show(table, chosen),
                len(known),
                dataset.spans,
                _show(table, left_out),
            )
        return chosen
    return []


def _count(spans: str, num_known: int) -> int:
    if spans == "all":
        return num_known
    return 1 if spans == "newest" else int(spans.split()[1])


def _show(table: TableConfig, spans: list[int]) -> str:
    texts = [
        str(_DAY_0 + datetime.timedelta(one)) if _has_dates(table) else str(one)
        for one in spans
    ]
    if len(texts) > _SHOWN:
        texts = [*texts[:_SHOWN], f"... ({len(texts)} in all)"]
    return ", ".join(texts) or "none"


def _require(name: str, table: TableConfig, chosen: list[int]) -> _Found:
    found = _find(table)
    of_chosen = {one: found[one] for one in chosen if one in found}
    if not of_chosen:
        raise ValueError(
            f"`{name}` must have files of the spans {_show(table, chosen)}, "
            f"as other tables have. Received: path={table.path!r}, which "
            f"matches the spans {_show(table, sorted(found))}."
        )
    return of_chosen


def _fill(table: TableConfig, found: _Found) -> list[TableConfig]:
    return [
        dataclasses.replace(table, path=_newest_version(found[one]))
        for one in sorted(found)
    ]


def _fill_further(table: TableConfig, chosen: list[int]) -> list[TableConfig]:
    """Returns tables with plain globs; none where no span has files."""
    if not _has_span(table):
        return [table]
    found = _find(table)
    of_chosen = {one: found[one] for one in chosen if one in found}
    if not of_chosen:
        shown = _show(table, chosen)
        _logger.warning("Span %s has no file at %s.", shown, table.path)
    return _fill(table, of_chosen)


def _newest_version(versions: dict[int, str]) -> str:
    return versions[max(versions)]


def _has_dates(table: TableConfig) -> bool:
    return any("{YYYY}" in path for path in table.paths())


def _has_span(table: TableConfig) -> bool:
    return any(_SPEC.search(path) for path in table.paths())


def _find(table: TableConfig) -> _Found:
    found = {}
    for pattern in table.paths():
        for span, version, path in _match(pattern):
            versions = found.setdefault(span, {})
            if versions.setdefault(version, path) != path:
                raise ValueError(
                    "at most one of several paths may have spans. "
                    f"Received: path={table.path!r}."
                )
    return found


def _match(pattern: str) -> list[tuple[int, int, str]]:
    """Returns (span, version, path with plain globs) of each file."""
    return sorted({found for _, found in _read_names(pattern) if found})


def _read_names(
    pattern: str,
) -> Iterator[tuple[str, tuple[int, int, str] | None]]:
    """Yields each file, and what `_match` returns of it."""
    _check(pattern)
    pattern = pattern.rstrip("/")
    glob = _SPECS.sub("*", pattern)
    # Files of the pattern, or in folders of the pattern.
    expression = re.compile(_to_regex(pattern) + r"(/.*)?")
    files = file_access.match_files(glob)
    files = files or file_access.match_files(f"{glob}/**")
    for file in files:
        match = expression.fullmatch(file.path)
        tokens = match.groupdict() if match else {}
        span = _read_span(tokens, pattern) if match else None
        if span is None:
            yield file.path, None
            continue
        path = _SPEC.sub(lambda spec: tokens[spec[1]], pattern)  # noqa: B023
        yield file.path, (span, int(tokens.get("VERSION", -1)), path)


def _read_span(tokens: dict[str, str], pattern: str) -> int | None:
    if "SPAN" in tokens:
        return int(tokens["SPAN"])
    try:
        day = datetime.date(*(int(tokens[name]) for name in _DATE))
    except ValueError:
        _logger.warning("A file of %s has no date: %s.", pattern, tokens)
        return None
    return (day - _DAY_0).days


def _to_regex(pattern: str) -> str:
    parts = []
    place = 0
    for spec in _SPEC.finditer(pattern):
        name, width = spec[1], spec[2]
        width = width or {"YYYY": 4, "MM": 2, "DD": 2}.get(name)
        digits = rf"\d{{{width}}}" if width else r"\d+"
        parts.append(_glob_to_regex(pattern[place : spec.start()]))
        parts.append(f"(?P<{name}>{digits})")
        place = spec.end()
    return "".join([*parts, _glob_to_regex(pattern[place:])])


def _glob_to_regex(glob: str) -> str:
    parts = re.split(r"(\*\*|\*|\?|\[[^]]+\])", glob)
    return "".join(
        part if part.startswith("[") else _GLOBS.get(part, re.escape(part))
        for part in parts
    )


def _check(pattern: str) -> None:
    counts = {"SPAN": 0, "VERSION": 0} | dict.fromkeys(_DATE, 0)
    for spec in _SPEC.finditer(pattern):
        counts[spec[1]] += 1
    dates = {counts[name] for name in _DATE}
    if counts["SPAN"] + counts["YYYY"] != 1 or len(dates) > 1:
        raise ValueError(
            "a path with spans must hold {SPAN} once, or {YYYY}, {MM} and "
            f"{{DD}} once each. Received: path={pattern!r}."
        )
    if counts["VERSION"] > 1:
        raise ValueError(
            "a path must hold {VERSION} at most once. "
            f"Received: path={pattern!r}."
        )
