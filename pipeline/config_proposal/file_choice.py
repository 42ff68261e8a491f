"""Chooses which files hold events, items and users."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from pipeline.config_proposal.file_sample import FileSample
from pipeline.config_proposal.file_sample import read_sample
from pipeline.config_proposal.role_names import is_user_name
from pipeline.config_proposal.table_guess import TableGuess
from pipeline.config_proposal.table_guess import find_by_name
from pipeline.config_proposal.table_guess import find_id_by_overlap
from pipeline.config_proposal.table_guess import find_item_column
from pipeline.config_proposal.table_guess import find_label
from pipeline.config_proposal.table_guess import find_text
from pipeline.config_proposal.table_guess import find_time
from pipeline.config_proposal.table_guess import guess_table

DAY_PATTERN = "{YYYY}{MM}{DD}"  # of a path: the day of each file
_DATE = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_UNIQUE = 0.95  # users for each row of a table of users
_MAX_VERSIONS = 1.1  # of what events say of an item, in the mean


@dataclass(kw_only=True)
class FileChoice:
    """The files of each table.

    Attributes:
        events: with `user_id`, and `item_id` where there are ids of items.
        items: with `item_id`; the file of the events where no other has one.
        users: with `user_id`; None = no file.
        same: further files written like the first one, by its path.
        unused: sentences on files that are not used.
        num_files: that were given.
    """

    events: TableGuess
    items: TableGuess
    users: TableGuess | None = None
    same: dict[str, list[str]] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    num_files: int

    def write_path(self, guess: TableGuess) -> str | tuple[str, ...]:
        """Returns the path of a table's files, or all of them.

        Files that differ in the day of their name alone have a pattern, which
        tomorrow's file fits as well.
        """
        path = guess.sample.path
        paths = (path, *self.same.get(path, ()))
        if len(paths) == 1:
            return path
        patterns = {
            str(Path(one).with_name(_DATE.sub(DAY_PATTERN, Path(one).name)))
            for one in paths
        }
        pattern = patterns.pop()
        return paths if patterns or DAY_PATTERN not in pattern else pattern


def choose_files(paths: Sequence[str]) -> FileChoice:
    """Reads samples of files and tells what they hold.

    Raises:
        ValueError: no file holds events.
        OSError: a file cannot be read.
    """
    unused, samples = [], []
    for path in _list_files(paths):
        try:
            samples.append(read_sample(path))
        except ValueError as error:
            unused.append(f"{path} is not used: {error}")
    samples, same = _join_same(samples)
    guesses = [guess_table(sample) for sample in samples]
    events = _choose_events(guesses, unused)
    rest = [one for one in guesses if one is not events]
    items = _choose_items(events, rest)
    users = _choose_users(events, [one for one in rest if one is not items])
    unused += [
        f"{one.sample.path} is not used; its columns are "
        f"{', '.join(one.profiles)}."
        for one in rest
        if one is not items and one is not users
    ]
    return FileChoice(
        events=events,
        items=items,
        users=users,
        same=same,
        unused=unused,
        num_files=len(_list_files(paths)),
    )


def _list_files(paths: Sequence[str]) -> list[str]:
    """Takes the files of folders; those that begin with _ or a dot are none.

    Raises:
        FileNotFoundError: a path is not there.
    """
    found = []
    for path in map(Path, paths):
        if path.is_dir():
            found += [
                str(one)
                for one in sorted(path.iterdir())
                if one.is_file() and one.name[0] not in "._"
            ]
        elif path.exists():
            found.append(str(path))
        else:
            raise FileNotFoundError(
                f"FILE must be a file or a folder that is there. Received: "
                f"{path}."
            )
    return found


def _join_same(
    samples: list[FileSample],
) -> tuple[list[FileSample], dict[str, list[str]]]:
    """Joins files that differ in the numbers of their names alone."""
    first: dict[tuple, FileSample] = {}
    same: dict[str, list[str]] = {}
    for sample in samples:
        pattern = re.sub(r"\d+", "#", Path(sample.path).name)
        key = pattern, Path(sample.path).parent, tuple(sample.columns)
        if "#" in pattern and key in first:
            same.setdefault(first[key].path, []).append(sample.path)
        else:
            first[key] = sample
    return list(first.values()), same


def _choose_events(guesses: list[TableGuess], unused: list[str]) -> TableGuess:
    """Takes the file with users and items that says most of events."""
    found = {
        place: _rate_events(guess)
        for place, guess in enumerate(guesses)
        if "user_id" in guess.roles
        and ("item_id" in guess.roles or find_text(guess))
    }
    found = {place: rate for place, rate in found.items() if rate[0]}
    if found:
        return guesses[max(found, key=found.get)]
    shown = [
        f"  {one.sample.path} with {one.sample.num_rows:,} rows of the columns "
        f"{', '.join(one.profiles)}"
        for one in guesses
    ]
    shown += [f"  {text}" for text in unused]
    received = "\n".join(shown)
    raise ValueError(
        "one file must hold events: a column of users and one of items, each "
        f"with ids that come again. Received:\n{received}\n"
        "Where users have no id there is nothing to learn a taste from; where "
        "columns have other names, rename them to user_id and item_id."
    )


def _rate_events(guess: TableGuess) -> tuple[bool, int, int]:
    """Rates a file as events: are ids repeated, what is told, how much."""
    user = guess.profiles[guess.roles["user_id"]]
    told = [
        "item_id" in guess.roles,
        find_time(guess) is not None,
        find_by_name(guess, "value") is not None
        or find_by_name(guess, "event_type") is not None
        or find_label(guess) is not None,
    ]
    has_repeats = user.uniqueness < _UNIQUE or guess.sample.num_rows < 100
    size = Path(guess.sample.path).stat().st_size
    return has_repeats, sum(told), size


def _choose_items(events: TableGuess, rest: list[TableGuess]) -> TableGuess:
    """Takes the file with titles of the items that events are on."""
    column = events.roles.get("item_id")
    known = events.profiles[column].distinct if column else frozenset()
    found = []
    for guess in rest:
        own = find_id_by_overlap(guess, known)
        if own is None:
            continue
        bare = TableGuess(guess.sample, guess.profiles)
        shared = len(guess.profiles[own].distinct & known)
        why = f"{shared:,} ids of the events occur in it"
        bare.assign("item_id", own, why)
        found.append((_rate_items(bare), -len(found), guess, bare))
    best = max(found, key=lambda one: one[:2], default=None)
    if best is not None and best[0][0]:
        guess, bare = best[2:]
        guess.roles, guess.reasons = bare.roles, bare.reasons
        return guess
    return _take_items_of_events(events, column or find_text(events))


def _take_items_of_events(events: TableGuess, column: str) -> TableGuess:
    """Takes the columns that say the same in all events on an item."""
    items = events.sample.columns[column]
    num_items = len(events.profiles[column].distinct)
    facts = {
        name: profile
        for name, profile in events.profiles.items()
        if name == column
        or len(
            set(zip(items, map(str, events.sample.columns[name]), strict=True))
        )
        <= _MAX_VERSIONS * num_items
    }
    guess = TableGuess(events.sample, facts)
    guess.assign("item_id", column, "of the events: no other file names them")
    return guess


def _rate_items(guess: TableGuess) -> tuple[bool, int]:
    """Rates a file as items: are there titles, and what else is told."""
    has_title = bool(find_item_column(guess, "title") or find_text(guess))
    roles = ("title", "description", "categories", "price", "created_at")
    return has_title, sum(bool(find_item_column(guess, r)) for r in roles)


def _choose_users(
    events: TableGuess, rest: list[TableGuess]
) -> TableGuess | None:
    known = events.profiles[events.roles["user_id"]].distinct
    for guess in rest:
        column = find_id_by_overlap(guess, known)
        if column is None or len(guess.profiles) < 2:
            continue
        if guess.sample.is_named and not is_user_name(column):
            continue  # numbers of something else, which users have too
        if not guess.sample.is_named and find_text(guess):
            continue  # titles: of items, whose numbers users have too
        guess.roles, guess.reasons = {}, {}
        shared = len(guess.profiles[column].distinct & known)
        why = f"{shared:,} users of the events occur in it"
        guess.assign("user_id", column, why)
        return guess
    return None
