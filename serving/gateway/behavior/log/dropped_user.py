"""Removes one user's lines from closed files."""

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path

from serving.gateway.behavior.log.durable_files import sync_folder
from serving.gateway.behavior.log.durable_files import write_file
from serving.gateway.behavior.log.log_line import read_record


def drop_user(paths: Iterable[Path], user_id: str) -> int:
    """Rewrites the files that hold lines of a user, hard links included.

    A file is replaced as a whole, so that a reader sees all of the user's lines
    or none; a file that would be empty is removed. When the process dies in the
    middle, some files are done: call it again for the rest.

    Args:
        paths: the files; those that are one file under several names must
            all be named.
        user_id: whose lines leave.

    Returns:
        The number of lines that left; a line counts once however many names
        its file has.

    Raises:
        OSError: the disk refused; every file is whole.
    """
    names = defaultdict(list)
    for path in paths:
        names[path.stat().st_ino].append(path)
    return sum(_rewrite(copies, user_id) for copies in names.values())


def holds_user(path: Path, user_id: str) -> bool:
    """Tells whether a file has a line of a user."""
    return any(True for _ in _find_lines(path, user_id))


def _rewrite(copies: list[Path], user_id: str) -> int:
    dropped = set(_find_lines(copies[0], user_id))
    if not dropped:
        return 0
    first, *others = copies
    write_file(first, _read_kept(first, dropped))
    for copy in others:
        hidden = copy.with_name(f".{copy.name}")
        hidden.unlink(missing_ok=True)
        os.link(first, hidden)
        hidden.replace(copy)
    if not first.stat().st_size:
        for copy in copies:
            copy.unlink()
    for folder in {copy.parent for copy in copies}:
        sync_folder(folder)
    return len(dropped)


def _find_lines(path: Path, user_id: str) -> Iterator[int]:
    """Yields the numbers of a user's lines.

    Only lines with the id somewhere in them are parsed. A line that cannot be
    parsed counts as the user's: it is removed.
    """
    needle = json.dumps(user_id, ensure_ascii=False).encode()
    with path.open("rb") as file:
        for number, line in enumerate(file):
            if needle in line:
                record = read_record(line)
                if record is None or record.get("user_id") == user_id:
                    yield number


def _read_kept(path: Path, dropped: set[int]) -> Iterator[bytes]:
    with path.open("rb") as file:
        for number, line in enumerate(file):
            if number not in dropped:
                yield line
