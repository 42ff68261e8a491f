"""Guesses which column of a file plays which role."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from pipeline.config_proposal.column_profile import ColumnProfile
from pipeline.config_proposal.column_profile import profile_column
from pipeline.config_proposal.file_sample import FileSample
from pipeline.config_proposal.role_names import is_label_name
from pipeline.config_proposal.role_names import rank_event_role
from pipeline.config_proposal.role_names import rank_item_role
from pipeline.config_proposal.time_proposal import propose_time

_MAX_STEPS = 12  # different values of a column of ratings or labels
_MIN_WORDS = 1.5  # of titles, in the mean
_UNIQUE = 0.95  # different cells for each cell of a column of ids
_MIN_OVERLAP = 0.2  # of the smaller set of ids


@dataclass
class TableGuess:
    """A file, its columns, and the roles that were found so far.

    Attributes:
        sample: what was seen of the file.
        profiles: of its columns.
        roles: column by role.
        reasons: why, by role.
    """

    sample: FileSample
    profiles: dict[str, ColumnProfile]
    roles: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def assign(self, role: str, column: str | None, reason: str) -> None:
        """Gives a role to a column; None leaves it open."""
        if column is not None:
            self.roles[role] = column
            self.reasons[role] = reason

    def describe_ids(self, role: str) -> str:
        """Writes why a column is an id, with its figures."""
        profile = self.profiles[self.roles[role]]
        return (
            f"{self.reasons[role]}; {len(profile.distinct):,} different in "
            f"{len(profile.texts):,} rows"
        )


def guess_table(sample: FileSample) -> TableGuess:
    """Profiles a file and guesses its columns of users and items."""
    profiles = {
        name: profile_column(cells) for name, cells in sample.columns.items()
    }
    guess = TableGuess(sample, profiles)
    if sample.is_named:
        for role in ("user_id", "item_id"):
            column = find_by_name(guess, role)
            guess.assign(role, column, "by its name")
        return guess
    _guess_unnamed_ids(guess)
    return guess


def find_by_name(guess: TableGuess, role: str) -> str | None:
    """Finds the free column whose name fits a role of events best."""
    plain = {k: p for k, p in guess.profiles.items() if not p.is_nested}
    return _find_best(guess, role, rank_event_role, plain)


def find_item_column(guess: TableGuess, role: str) -> str | None:
    """Finds the free column whose name fits a role of items best."""
    return _find_best(guess, role, rank_item_role, guess.profiles)


def _find_best(
    guess: TableGuess,
    role: str,
    rank: Callable[[str, str], int | None],
    profiles: Mapping[str, ColumnProfile],
) -> str | None:
    taken = set(guess.roles.values())
    ranks = {
        name: rank(name, role)
        for name, profile in profiles.items()
        if name not in taken and profile.cells
    }
    known = {name: place for name, place in ranks.items() if place is not None}
    return min(known, key=known.get) if known else None


def _guess_unnamed_ids(guess: TableGuess) -> None:
    """Takes the first columns of repeated ids for users and items."""
    ids = [
        name
        for name, profile in guess.profiles.items()
        if not profile.is_nested
        and not profile.is_time_number()
        and profile.num_words <= 1.2
        and len(profile.distinct) > _MAX_STEPS
    ]
    first = next(iter(guess.profiles))
    if guess.profiles[first].uniqueness >= _UNIQUE:
        return  # a row an id: of items or of users
    if ids:
        guess.assign("user_id", ids[0], "the first column of repeated ids")
    if len(ids) > 1:
        guess.assign("item_id", ids[1], "the second column of ids")


def find_text(guess: TableGuess) -> str | None:
    """Finds the free column of texts that differ most: a title."""
    taken = set(guess.roles.values())
    texts = {
        name: profile.uniqueness
        for name, profile in guess.profiles.items()
        if name not in taken
        and not profile.is_nested
        and profile.numbers is None
        and profile.num_words >= _MIN_WORDS
    }
    return max(texts, key=texts.get) if texts else None


def find_time(guess: TableGuess) -> str | None:
    """Finds the free column of times, by name first and by content."""
    taken = set(guess.roles.values())
    free = {
        name: profile
        for name, profile in guess.profiles.items()
        if name not in taken and profile.cells and not profile.is_nested
    }
    ranks = {name: rank_event_role(name, "timestamp") for name in free}
    named = [name for name in free if ranks[name] is not None]
    for name in sorted(named, key=ranks.get):
        if propose_time(free[name].cells):
            return name
    for name, profile in free.items():
        is_number = profile.numbers is not None
        if is_number and not (profile.is_time_number() and profile.is_whole):
            continue
        if not is_number and (
            profile.num_words > 6 or not any(map(str.isdigit, profile.texts[0]))
        ):
            continue
        if propose_time(profile.cells):
            return name
    return None


def find_label(guess: TableGuess) -> str | None:
    """Finds a free column of 0 and 1 that says what was clicked."""
    taken = set(guess.roles.values())
    for name, profile in guess.profiles.items():
        if name in taken or not profile.is_flag():
            continue
        if is_label_name(name) or not guess.sample.is_named:
            return name
    return None


def find_id_by_overlap(guess: TableGuess, known: frozenset[str]) -> str | None:
    """Finds the column with the most ids of another table.

    Args:
        guess: of the file.
        known: ids of the other table.

    Returns:
        None where no column of ids that differ has a fifth of them.
    """
    best, most = None, 0.0
    for name, profile in guess.profiles.items():
        if profile.is_nested or profile.uniqueness < _UNIQUE:
            continue
        smaller = min(len(profile.distinct), len(known))
        share = len(profile.distinct & known) / max(smaller, 1)
        if share >= _MIN_OVERLAP and share > most:
            best, most = name, share
    return best
