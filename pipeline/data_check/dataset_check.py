"""Looks at all data of a config before a run does."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from components.behavior_example_gen import rejects
from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.reading import input_files
from components.behavior_example_gen.reading import readers
from components.behavior_example_gen.reading import spans
from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.reading.typed_batches import wanted_columns
from components.behavior_example_gen.rejects import NO_FAULTS
from components.behavior_example_gen.remedies import find_remedy
from pipeline.config import PipelineConfig
from pipeline.data_check.event_checks import check_events
from pipeline.data_check.finding import Finding
from pipeline.data_check.split_checks import assign_splits
from pipeline.data_check.split_checks import check_splits
from pipeline.data_check.table_content import TableContent
from pipeline.data_check.table_content import read_content
from pipeline.data_check.text_checks import check_persons
from pipeline.data_check.text_checks import check_texts
from schemas import events as names
from schemas.event_facts import EventFacts

_LEFT_OUT = {  # why files of a pattern are not read: what is said, what helps
    "spans": (
        "are of other spans",
        "set `spans: all`, or such as `spans: last 7`",
    ),
    "versions": ("are older versions of files that are read", ""),
    "dates": (
        "have no such span or date in their names",
        "rename them if they belong to the data",
    ),
}
_MAX_LENGTH = 300  # of a row that is quoted: it may be a whole page


@dataclasses.dataclass(kw_only=True)
class DatasetCheck:
    """What was found in the data of a config.

    Attributes:
        findings: errors first.
        tables: what was read, by name; {} where files are not fit to be read.
        facts: size and span of the events; None = there are none.
        split_sizes: events by split, likewise.
    """

    findings: list[Finding]
    tables: dict[str, TableContent] = dataclasses.field(default_factory=dict)
    facts: EventFacts | None = None
    split_sizes: dict[str, int] = dataclasses.field(default_factory=dict)

    @property
    def errors(self) -> list[Finding]:
        return [one for one in self.findings if one.level == "error"]


def check_dataset(config: PipelineConfig, max_rows: int) -> DatasetCheck:
    """Reads the data of a config as ingest does and says what is wrong.

    Args:
        config: of a run.
        max_rows: about how many rows of each table are read.
    """
    try:
        dataset, _, _ = spans.resolve_spans(config.dataset, config.span)
        files = input_files.list_files(dataset)
        findings = [*_find_left_out(config.dataset, files)]
    except (OSError, ValueError) as error:
        return DatasetCheck(findings=[_error("files", error)])
    findings += _check_headers(dataset, files)
    tables = {}
    for name in dict.fromkeys(one.table for one in files):
        if any(one.level == "error" for one in findings):
            return DatasetCheck(findings=_sort(findings))
        try:
            tables[name] = read_content(dataset, name, files, max_rows)
        except (OSError, ValueError) as error:
            findings.append(_error(f"unreadable_{name}", error))
    if any(one.level == "error" for one in findings):
        return DatasetCheck(findings=_sort(findings), tables=tables)
    return _check_content(config, tables, findings)


def _check_content(
    config: PipelineConfig,
    tables: dict[str, TableContent],
    findings: list[Finding],
) -> DatasetCheck:
    result = DatasetCheck(findings=findings, tables=tables)
    for content in tables.values():
        findings += _check_rejects(content, config.dataset.max_reject_share)
    items = tables["items"].rows
    if items is not None and items.num_rows:
        findings += check_texts(config, tables["items"])
    findings += check_events(config, tables)
    events = tables["events"].rows
    if events is not None and events.num_rows:
        findings += check_persons(config, tables["events"])
        table, split = assign_splits(config, events)
        known = None if tables["items"].is_cut else items
        is_cut = tables["events"].is_cut
        findings += check_splits(config, table, split, known, is_cut)
        counts = np.bincount(split, minlength=len(names.SPLITS)).tolist()
        result.split_sizes = dict(zip(names.SPLITS, counts, strict=True))
        bounds = {"min": None, "max": None}
        if config.dataset.has_times():
            bounds = pc.min_max(events[names.TIMESTAMP]).as_py()
        result.facts = EventFacts(
            num_events=events.num_rows,
            num_users=pc.count_distinct(events[names.USER_ID]).as_py(),
            first=bounds["min"],
            last=bounds["max"],
            order=config.dataset.events.order,
        )
    result.findings = _sort(findings)
    return result


def _find_left_out(
    dataset: DatasetConfig, files: list[InputFile]
) -> Iterator[Finding]:
    """Finds files that fit a pattern with spans and are not read."""
    read = {one.path for one in files}
    for name in input_files.TABLES:
        tables = dataset.list_tables(name)
        for path in (path for table in tables for path in table.paths()):
            found = spans.name_spans(path)
            for reason, rest in _sort_left_out(found, read).items():
                what, remedy = _LEFT_OUT[reason]
                if reason == "spans" and dataset.spans == "all":
                    remedy = ""  # they are newer than `span`, or lack events
                yield Finding(
                    level="warning",
                    code=f"{name}_left_out",
                    text=f"{len(rest)} of {len(found)} files of `{name}` "
                    f"{what} and are left out, such as {rest[-1]}",
                    remedy=remedy,
                )


def _sort_left_out(
    found: dict[str, tuple[int, int] | None], read: set[str]
) -> dict[str, list[str]]:
    """Returns the files that are not read, by their reason."""
    known = {found[path] for path in found.keys() & read}
    spans_read = {one[0] for one in known if one}
    rest = {}
    for path in sorted(found):
        if path in read:
            continue
        if found[path] is None:
            rest.setdefault("dates", []).append(path)
        elif found[path][0] not in spans_read:
            rest.setdefault("spans", []).append(path)
        elif found[path] not in known:
            rest.setdefault("versions", []).append(path)
    return rest  # but for such as _SUCCESS, which lies beside what is read


def _check_headers(
    dataset: DatasetConfig, files: list[InputFile]
) -> Iterator[Finding]:
    for file in files:
        table = dataset.list_tables(file.table)[file.source]
        try:
            readers.check_header(file, table, wanted_columns(table))
        except (OSError, ValueError) as error:
            yield _error(f"header_of_{file.table}", error)


def _check_rejects(
    content: TableContent, max_share: float
) -> Iterator[Finding]:
    if excess := rejects.find_excess(content.tallies, max_share):
        # What is too much of the first rows may be few of all.
        is_sure = not content.is_cut or not max_share
        yield Finding(
            level="error" if is_sure else "warning",
            code=f"rejects_of_{content.name}",
            text=excess
            if is_sure
            else f"{excess} These are the first rows: a run judges all.",
        )
    for (table, reason), tally in content.tallies.items():
        if reason in NO_FAULTS:
            continue
        code, use = "rejected", "not used"
        if tally.is_warning:
            code, use = "emptied", "used without a cell"
        if reason.startswith(rejects.HINT):
            code, use = "unclear", "used as they are"
        shown = tally.value or content.examples.get(reason, "")
        if len(shown) > _MAX_LENGTH:
            shown = f"{shown[:_MAX_LENGTH]} ..."
        yield Finding(
            level="warning",
            code=code,
            text=f"{tally.count:,} of {content.counts['read']:,} rows of "
            f"`{table}` are {use}: {reason}, first at {tally.where}"
            + (f": {shown}" if shown else ""),
            remedy=tally.remedy or find_remedy(reason),
        )
    if not content.counts["used"]:
        part = "the first " if content.is_cut else ""
        yield Finding(
            level="warning" if content.is_cut else "error",
            code=f"no_{content.name}",
            text=f"`{content.name}` must hold at least one row that can be "
            f"used. Received: none of {part}{content.counts['read']:,}",
        )


def _error(code: str, error: Exception) -> Finding:
    return Finding(level="error", code=code, text=str(error))


def _sort(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda one: one.level != "error")
