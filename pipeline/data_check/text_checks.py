"""Whether the language model of the run can read the items."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.behavior_validator.personal_data import KINDS
from components.behavior_validator.personal_data import select_personal_data
from pipeline.config import PipelineConfig
from pipeline.data_check.event_checks import judge
from pipeline.data_check.finding import Finding
from pipeline.data_check.table_content import TableContent
from schemas import events as names
from trainer.backbone.preset_vocabulary import read_vocabulary
from trainer.backbone.scripts import count_scripts
from trainer.backbone.scripts import find_known_scripts
from trainer.backbone.scripts import strip_mark

_MANY = 0.05  # of the titles, from which on it is worth a word
_NUM_WRITTEN = 50_000  # texts of events
_NUM_READ = 2000  # titles, spread over the catalogue


def check_texts(
    config: PipelineConfig, items: TableContent
) -> Iterator[Finding]:
    """Finds titles in a script that the preset has no words of.

    Args:
        config: of the run.
        items: the catalogue.
    """
    yield from _check_absence(config, items)
    preset = config.trainer.backbone.preset
    titles = _draw(items.rows["title"])
    scripts = count_scripts(titles)
    if not set(scripts) - {"latin"}:
        return  # no preset lacks Latin
    tokens = read_vocabulary(preset)
    if tokens is None:
        return
    known = find_known_scripts([strip_mark(token) for token in tokens])
    unread = [title for title in titles if _share_unread(title, known) >= 0.5]
    if len(unread) < _MANY * len(titles):
        return
    strange = count_scripts(unread)
    shown = ", ".join(
        f"{script}"
        for script, _ in strange.most_common()
        if script not in known
    )
    yield Finding(
        level="warning",
        code="unreadable_texts",
        text=f"{len(unread) / len(titles):.0%} of the titles are in a script "
        f"that the language model {preset} has no words of ({shown}), such "
        f"as {unread[0]!r}. Their texts will say nothing to it",
        remedy="set `trainer.backbone.preset` to a multilingual one: `make "
        "multilingual` writes it, configs/movielens-small-multilingual.yaml "
        "uses it",
    )


def _check_absence(
    config: PipelineConfig, items: TableContent
) -> Iterator[Finding]:
    """Finds items whose title is their id, as BehaviorValidator does."""
    rows = items.rows
    is_id = pc.equal(rows["title"], rows["item_id"]).to_numpy()
    is_bare = pc.equal(rows["description"], "").to_numpy()
    rule = config.validation.items_without_text
    yield from judge("items_without_text", is_id & is_bare, rule, items)


def check_persons(
    config: PipelineConfig, events: TableContent
) -> Iterator[Finding]:
    """Finds personal data in what people wrote that stops a run.

    Args:
        config: of the run.
        events: of which the first texts are looked at.
    """
    if names.TEXT not in events.rows.column_names:
        return
    rows = events.rows.slice(0, _NUM_WRITTEN)
    is_cut = events.is_cut or rows.num_rows < events.rows.num_rows
    part = dataclasses.replace(events, rows=rows, is_cut=is_cut)
    texts = rows[names.TEXT].combine_chunks().fill_null("")
    for kind in KINDS:
        rule = getattr(config.validation, kind)
        if rule.action != "stop":
            continue  # a run tells it, and goes on
        is_found = np.zeros(rows.num_rows, bool)
        is_found[select_personal_data(texts, kind)] = True
        yield from judge(kind, is_found, rule, part)


def _draw(titles: pa.ChunkedArray) -> list[str]:
    rows = np.arange(0, len(titles), max(len(titles) // _NUM_READ, 1))
    return titles.take(pa.array(rows)).to_pylist()


def _share_unread(title: str, known: set[str]) -> float:
    """Returns the share of letters in scripts that are not known."""
    letters = count_scripts([title])
    total = letters.total()
    unread = sum(
        count for script, count in letters.items() if script not in known
    )
    return unread / total if total else 0.0
