"""Files that a test writes, in shapes that people have."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.config_proposal.file_sample import read_sample
from pipeline.config_proposal.table_guess import TableGuess
from pipeline.config_proposal.table_guess import guess_table

START = 1_600_000_000  # 13 September 2020
_STARS = (1, 3, 4, 4, 5, 5)


def write_ratings(delimiter: str = ",", header: bool = True) -> str:
    """Ratings of 60 users, each of the 10 items that follow its number.

    40 items, an hour between two events of all.
    """
    lines = ["userId,movieId,rating,timestamp".replace(",", delimiter)]
    for place in range(10):
        for user in range(60):
            when = START + 3600 * (60 * place + user)
            item = (user + place) % 40
            stars = _STARS[(user + place) % len(_STARS)]
            row = f"{user + 1000},{item + 1},{stars},{when}"
            lines.append(row.replace(",", delimiter))
    return "\n".join(lines[0 if header else 1 :]) + "\n"


def write_movies(delimiter: str = ",", header: bool = True) -> str:
    """40 items with a title of two words and two of four genres."""
    genres = ("Drama", "War", "Comedy", "Crime")
    lines = ["movieId,title,genres".replace(",", delimiter)]
    for item in range(40):
        both = f"{genres[item % 4]}|{genres[(item + 1) % 4]}"
        row = f"{item + 1},Film {chr(97 + item % 26)}{item},{both}"
        lines.append(row.replace(",", delimiter))
    return "\n".join(lines[0 if header else 1 :]) + "\n"


@pytest.fixture
def guess(tmp_path: Path) -> Callable[[str, str], TableGuess]:
    """Returns a function that writes a file and guesses its columns."""

    def run(name: str, text: str) -> TableGuess:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return guess_table(read_sample(str(tmp_path / name)))

    return run
