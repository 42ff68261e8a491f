"""Proposes the settings of the items and of the users."""

import collections
from collections.abc import Sequence

from pipeline.config_proposal.column_profile import ColumnProfile
from pipeline.config_proposal.role_names import SENSITIVE
from pipeline.config_proposal.role_names import normalise
from pipeline.config_proposal.setting import Setting
from pipeline.config_proposal.table_guess import TableGuess
from pipeline.config_proposal.table_guess import find_item_column
from pipeline.config_proposal.table_guess import find_text
from pipeline.config_proposal.time_proposal import propose_time

_SEPARATORS = ("|", ";", ",", "/", ">")
_MIN_SHARE = 0.2  # of the cells that a separator must be in
_TEXT_WORDS = 1.5  # of a text, in the mean
_MIN_TITLES = 0.5  # different ones for each item
_MAX_CATEGORIES = 0.2  # different ones for each row
_NUM_TRIED = 2000
_SIXTIES = -315_619_200  # seconds; what is sold may be old
_MAX_VALUES = 200  # different values of an attribute of users
_SEXES = frozenset("MFmf")


def propose_items(guess: TableGuess) -> list[Setting]:
    """Assigns the roles of items but for their id.

    Args:
        guess: with `item_id` and nothing else; gets roles.

    Returns:
        Settings below `items`, but for files and columns.
    """
    settings = []
    title = find_item_column(guess, "title")
    why = "by its name"
    if title is None or guess.profiles[title].is_nested:
        title, why = find_text(guess), "texts that differ most"
    num_items = len(guess.profiles[guess.roles["item_id"]].distinct)
    if title and len(guess.profiles[title].distinct) < _MIN_TITLES * num_items:
        title = None  # the same is said of many
    if title is None:
        title = guess.roles["item_id"]
        why = (
            "the text that names it"
            if guess.profiles[title].num_words >= _TEXT_WORDS
            else "no column holds titles: there is nothing to read"
        )
    guess.assign("title", title, why)
    description = find_item_column(guess, "description")
    if description and _has_words(guess.profiles[description]):
        guess.assign("description", description, "by its name, of many words")
    settings += _propose_categories(guess)
    price = find_item_column(guess, "price")
    guess.assign("price", price, "by its name")
    settings += _propose_release(guess)
    image = find_item_column(guess, "image_url")
    if image and _is_url(guess.profiles[image]):
        guess.assign("image_url", image, "addresses of pictures")
    return settings


def _has_words(profile: ColumnProfile) -> bool:
    if profile.is_nested:  # a list of texts is one text
        parts = [part for cell in profile.cells[:100] for part in cell]
        texts = [part for part in parts if isinstance(part, str)]
        return bool(texts) and " " in max(texts, key=len)
    return profile.num_words >= 3.0


def _is_url(profile: ColumnProfile) -> bool:
    texts = profile.texts[:100]
    found = sum(text.startswith(("http://", "https://")) for text in texts)
    return bool(texts) and found > len(texts) / 2


def _propose_categories(guess: TableGuess) -> list[Setting]:
    column = find_item_column(guess, "categories")
    why = "by its name"
    if column is None and not guess.sample.is_named:
        column, why = _find_parted(guess), "few words, divided by signs"
    if column is None:
        return []
    profile = guess.profiles[column]
    if not profile.is_nested and profile.num_words > 12:
        return []
    guess.assign("categories", column, why)
    separator = None if profile.is_nested else _find_separator(profile.texts)
    if separator in (None, "|"):
        return []
    why = f"it divides {profile.texts[0]!r}"
    shown = next((t for t in profile.texts if separator in t), "")
    why = f"it divides {shown!r}"
    return [Setting("category_separator", separator, why)]


def _find_parted(guess: TableGuess) -> str | None:
    taken = set(guess.roles.values())
    for name, profile in guess.profiles.items():
        if name not in taken and _find_separator(profile.texts):
            return name
    return None


def _find_separator(texts: Sequence[str]) -> str | None:
    """Finds the sign that divides texts into parts that come again."""
    texts = texts[:_NUM_TRIED]
    if any(text.startswith(("[", "{")) for text in texts[:10]):
        return None  # lists written as text
    for separator in _SEPARATORS:
        parted = [text for text in texts if separator in text]
        if len(parted) < _MIN_SHARE * len(texts) or not parted:
            continue
        parts = collections.Counter(
            part.strip() for text in texts for part in text.split(separator)
        )
        if len(parts) <= max(_MAX_CATEGORIES * parts.total(), 10):
            return separator
    return None


def _propose_release(guess: TableGuess) -> list[Setting]:
    column = find_item_column(guess, "created_at")
    if column is None or guess.profiles[column].is_nested:
        return []
    found = propose_time(guess.profiles[column].cells, _SIXTIES)
    if found is None:
        return []
    guess.assign("created_at", column, found.days)
    return found.settings


def _is_amount(profile: ColumnProfile) -> bool:
    """Tells numbers from what is written in digits, such as 02460."""
    if profile.numbers is None or len(profile.numbers) < len(profile.texts):
        return False
    return not any(
        len(text) > 1 and text[0] == "0" and text[1].isdecimal()
        for text in profile.texts
    )


def propose_users(guess: TableGuess) -> list[Setting]:
    """Divides the columns of users into attributes and sensitive ones.

    Args:
        guess: with `user_id` and nothing else.
    """
    groups = {"attributes": [], "sensitive": []}
    for name, profile in guess.profiles.items():
        if name == guess.roles["user_id"] or profile.is_nested:
            continue
        is_number = _is_amount(profile) and len(profile.distinct) > 10
        if not is_number and not 1 < len(profile.distinct) <= _MAX_VALUES:
            continue  # names, addresses, or the same for all
        is_sensitive = normalise(name) in SENSITIVE or (
            profile.distinct <= _SEXES
        )
        why = f"{len(profile.distinct):,} different values"
        if is_sensitive:
            why += ": for fairness slices only, never a feature"
        group = "sensitive" if is_sensitive else "attributes"
        groups[group].append(
            Setting(name, "number" if is_number else "text", why)
        )
    return [Setting(name, found) for name, found in groups.items() if found]
