"""Proposes the config of a run on some files."""

import re
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from pydantic import TypeAdapter

from pipeline.config import PipelineConfig
from pipeline.config_proposal.config_text import write_config
from pipeline.config_proposal.events_proposal import EventsProposal
from pipeline.config_proposal.events_proposal import propose_events
from pipeline.config_proposal.file_choice import DAY_PATTERN
from pipeline.config_proposal.file_choice import FileChoice
from pipeline.config_proposal.file_choice import choose_files
from pipeline.config_proposal.items_proposal import propose_items
from pipeline.config_proposal.items_proposal import propose_users
from pipeline.config_proposal.setting import Setting
from pipeline.config_proposal.setting import to_values
from pipeline.config_proposal.table_guess import TableGuess
from pipeline.data_check.dataset_check import DatasetCheck
from pipeline.data_check.dataset_check import check_dataset

_MAX_ROWS = 200_000  # of each table, by which splits are chosen
_OFTEN = 0.1  # of the events, from which on people come back to items
_TOO_FEW = {"no_train_events", "no_eval_events", "min_queries", "min_users"}


@dataclass(kw_only=True)
class ConfigProposal:
    """A config, and what a person must decide.

    Attributes:
        name: of the pipeline.
        text: the YAML file.
        undecided: sentences.
        check: what a run would make of it.
    """

    name: str
    text: str
    undecided: list[str] = field(default_factory=list)
    check: DatasetCheck


def propose_config(paths: Sequence[str]) -> ConfigProposal:
    """Looks at files and proposes a config.

    Args:
        paths: of files with events, items and users, in any order.

    Returns:
        The config, checked on the first rows.

    Raises:
        ValueError: the files hold no events that could be read; the message
            says what was found.
        OSError: a file cannot be read.
    """
    choice = choose_files(paths)
    undecided = list(choice.unused)
    events = propose_events(choice.events)
    undecided += events.undecided
    dataset = _build_dataset(choice, events)
    name = _name(choice.events.sample.path)
    settings, check = _choose_splits(name, dataset, events)
    head = [
        f"Written by `tastemaker init` from {_count(choice.num_files)}. What "
        "stands behind # is why; all of it was guessed from the first rows "
        f"({choice.events.sample.num_rows:,} events).",
        "Edit what is wrong, then: tastemaker check FILE; tastemaker run FILE.",
    ]
    return ConfigProposal(
        name=name,
        text=write_config(head, settings),
        undecided=undecided,
        check=check,
    )


def _count(num_files: int) -> str:
    return "one file" if num_files == 1 else f"{num_files} files"


def _build_dataset(choice: FileChoice, events: EventsProposal) -> list[Setting]:
    items = propose_items(choice.items)
    dataset = [
        Setting("events", _build_table(choice.events, choice, events.settings)),
        Setting("items", _build_table(choice.items, choice, items)),
    ]
    if choice.users is not None:
        users = propose_users(choice.users)
        if users:  # else it tells nothing of them
            table = _build_table(choice.users, choice, users)
            dataset.append(Setting("users", table))
    if DAY_PATTERN in str(choice.write_path(choice.events)):
        why = "each file is a day; `newest` reads the last one alone"
        dataset.append(Setting("spans", "all", why))
    share = _find_repeats(choice.events)
    if share >= _OFTEN and not events.is_rating:
        why = f"{share:.0%} of the events are on an item that was met before"
        dataset.append(Setting("repeats", "yes", why))
    return dataset


def _build_table(
    guess: TableGuess, choice: FileChoice, settings: Iterable[Setting]
) -> list[Setting]:
    path = choice.write_path(guess)
    columns = [
        Setting(role, _write_place(column), _describe_role(guess, role))
        for role, column in guess.roles.items()
    ]
    return [
        Setting("path", path),
        *guess.sample.settings,
        Setting("columns", columns),
        *settings,
    ]


def _write_place(column: str) -> str | int:
    return int(column) if column.isdecimal() else column


def _describe_role(guess: TableGuess, role: str) -> str:
    if role in ("user_id", "item_id"):
        return guess.describe_ids(role)
    return guess.reasons[role]


def _find_repeats(guess: TableGuess) -> float:
    """Returns the share of events on an item that their user met before."""
    columns = guess.sample.columns
    users, items = (columns[guess.roles[r]] for r in ("user_id", "item_id"))
    pairs = [
        (user, str(item))
        for user, item in zip(users, items, strict=True)
        if user is not None and item is not None
    ]
    return 1.0 - len(set(pairs)) / max(len(pairs), 1)


def _choose_splits(
    name: str, dataset: list[Setting], events: EventsProposal
) -> tuple[list[Setting], DatasetCheck]:
    """Takes the first method of splits that leaves enough for the gate."""
    if not events.has_times:
        methods = {"hold_out": "without times, shares are drawn by a hash"}
    else:
        methods = {
            "temporal": "the last events of all, as a run in service meets",
            "leave_last": "the last events in time are too few: of each user "
            "the last one is for test",
        }
    best = None
    for method, why in methods.items():
        splits = [Setting("method", method, why)]
        settings = [
            Setting("name", name),
            Setting("dataset", dataset),
            Setting("splits", splits),
        ]
        check = check_dataset(to_config(settings), _MAX_ROWS)
        lacking = {one.code for one in check.findings} & _TOO_FEW
        if best is None or len(lacking) < best[0]:
            best = len(lacking), settings, check
        if not lacking:
            break
    return best[1:]


def to_config(settings: list[Setting]) -> PipelineConfig:
    """Returns the config that proposed settings mean."""
    return TypeAdapter(PipelineConfig).validate_python(to_values(settings))


def _name(path: str) -> str:
    """Names a pipeline after the folder of its events, or after the file."""
    file = Path(path).resolve()
    stem = file.name.partition(".")[0]
    folder = file.parent.name
    for text in (folder, stem):
        name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
        if name and name not in ("data", "tmp", "input", "raw"):
            return name[:60]
    return "my-shop"
