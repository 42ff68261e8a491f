"""Finds the item for a typed title."""

import difflib
import re
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq

from schemas.artifact_files import PUSHED_CATALOG_FILE

_NUM_SUGGESTIONS = 5
_MIN_SIMILARITY = 0.8  # of difflib; below it a match would be a guess
_MIN_SUGGESTION_SIMILARITY = 0.4
_YEAR = re.compile(r" \(\d{4}\)$")  # "toy story (1995)"


class UnknownTitleError(LookupError):
    """No item, or more than one, fits a typed title."""


class TitleLookup:
    """Titles of a catalogue, in both directions."""

    def __init__(self, titles: Mapping[str, str]):
        """Indexes the titles.

        Args:
            titles: item id to title. Titles may repeat.
        """
        self._titles = dict(titles)
        self._ids_by_title: dict[str, list[str]] = {}
        self._ids_by_folded: dict[str, list[str]] = {}
        for item_id, title in self._titles.items():
            self._ids_by_title.setdefault(title, []).append(item_id)
            self._ids_by_folded.setdefault(_fold(title), []).append(item_id)

    def get_title(self, item_id: str) -> str:
        """Returns the title, or the id itself where the item is unknown."""
        return self._titles.get(item_id, item_id)

    def find_item_id(self, typed: str, option: str = "--history") -> str:
        """Finds an item: exact, any case, without year, id, prefix, near miss.

        Args:
            typed: what somebody typed, or an item's id.
            option: where it was typed, for the message.

        Returns:
            The id of the one item that fits best.

        Raises:
            UnknownTitleError: nothing fits, or several titles do; the
                message lists close ones.
        """
        folded = _fold(typed)
        by_prefix = {
            title: item_ids
            for title, item_ids in self._ids_by_folded.items()
            if folded and title.startswith(folded)
        }
        without_year = {
            title: item_ids
            for title, item_ids in by_prefix.items()
            if _YEAR.sub("", title) == folded
        }
        for found in (
            self._ids_by_title.get(typed.strip(), []),
            self._ids_by_folded.get(folded, []),
            [i for item_ids in without_year.values() for i in item_ids],
            [i for i in (typed.strip(),) if i in self._titles],
            [i for item_ids in by_prefix.values() for i in item_ids],
        ):
            if len(found) == 1:
                return found[0]
            if found:
                raise UnknownTitleError(
                    f"`{option}` must name one title each. Received: "
                    f"{typed!r}, which fits {len(found)}. "
                    f"{self._suggest(found)}"
                )
        return self._find_near_miss(typed, folded, option)

    def _find_near_miss(self, typed: str, folded: str, option: str) -> str:
        close = difflib.get_close_matches(
            folded,
            self._ids_by_folded,
            n=_NUM_SUGGESTIONS,
            cutoff=_MIN_SUGGESTION_SIMILARITY,
        )
        similar = [
            title
            for title in close
            if difflib.SequenceMatcher(None, title, folded).ratio()
            >= _MIN_SIMILARITY
        ]
        if len(similar) == 1 and len(self._ids_by_folded[similar[0]]) == 1:
            return self._ids_by_folded[similar[0]][0]
        found = [i for title in close for i in self._ids_by_folded[title]]
        raise UnknownTitleError(
            f"`{option}` must name titles of the catalogue. "
            f"Received: {typed!r}. {self._suggest(found)}"
        )

    def _suggest(self, item_ids: list[str]) -> str:
        if not item_ids:
            return "No title is close to it."
        shown = "; ".join(
            f"{self._titles[item_id]} [{item_id}]"
            for item_id in item_ids[:_NUM_SUGGESTIONS]
        )
        return f"Close ones: {shown}"


def load_title_lookup(model_path: Path) -> TitleLookup:
    """Reads the titles that were pushed with a model.

    Args:
        model_path: folder of one pushed version.

    Returns:
        Titles of the catalogue beside it.

    Raises:
        FileNotFoundError: the version carries no catalogue.
    """
    table = pq.read_table(
        find_catalog(model_path), columns=["item_id", "title"]
    )
    return TitleLookup(
        dict(
            zip(
                table["item_id"].to_pylist(),
                table["title"].to_pylist(),
                strict=True,
            )
        )
    )


def find_catalog(model_path: Path) -> Path:
    """Returns the catalogue file of one pushed version.

    Raises:
        FileNotFoundError: the version carries none.
    """
    path = model_path / PUSHED_CATALOG_FILE
    if not path.exists():
        raise FileNotFoundError(
            f"a pushed version must hold {path.name}. Received: {path}, which "
            "does not exist. Push a model with `tastemaker run CONFIG`."
        )
    return path


def _fold(title: str) -> str:
    return " ".join(title.casefold().split())
