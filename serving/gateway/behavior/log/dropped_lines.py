"""Removes lines of a user, or what users took back, from closed files."""

import functools
import json
import os
import re
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Set
from pathlib import Path

from schemas.events import UNDO
from serving.gateway.behavior.log.durable_files import sync_folder
from serving.gateway.behavior.log.durable_files import write_file
from serving.gateway.behavior.log.log_line import read_record
from serving.gateway.behavior.log.record_json import encode_event_id
from serving.gateway.behavior.log.segment_name import parse_segment_name

_EVENT_ID = re.compile(rb'"event_id": "(?:[^"\\]|\\.)*"')
_UNDO = f'"{UNDO}"'.encode()


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
    return _drop(paths, functools.partial(_find_lines, user_id=user_id))


def drop_undone(new: Iterable[Path], paths: Iterable[Path]) -> int:
    """Removes the events that users took back, as `drop_user` does.

    The lines that say so stay.

    Args:
        new: files that say what was taken back, if they hold events.
        paths: files that may hold it.

    Returns:
        The number of lines that left.

    Raises:
        OSError: the disk refused; every file is whole.
    """
    undone = {
        found
        for path in filter(_holds_events, new)
        for found in _find_undone(path)
    }
    if not undone:
        return 0
    paths = filter(_holds_events, paths)
    return _drop(paths, functools.partial(_find_events, undone=undone))


def _holds_events(path):
    name = parse_segment_name(path)
    return name is None or name.stream == "events"


def holds_user(path: Path, user_id: str) -> bool:
    """Tells whether a file has a line of a user."""
    return any(True for _ in _find_lines(path, user_id))


def _drop(paths: Iterable[Path], find: Callable[[Path], Iterable[int]]) -> int:
    names = defaultdict(list)
    for path in paths:
        names[path.stat().st_ino].append(path)
    return sum(_rewrite(copies, find) for copies in names.values())


def _rewrite(copies: list[Path], find: Callable[[Path], Iterable[int]]) -> int:
    dropped = set(find(copies[0]))
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


def _find_undone(path: Path) -> Iterator[tuple[bytes, str]]:
    """Yields what stands in the events taken back, and their users."""
    with path.open("rb") as file:
        for line in file:
            record = read_record(line) if _UNDO in line else None
            if record is not None and record.get("event_type") == UNDO:
                yield encode_event_id(record["text"]), record["user_id"]


def _find_events(path: Path, undone: Set[tuple[bytes, str]]) -> Iterator[int]:
    """Yields the numbers of the lines with these events."""
    wanted = {event_id for event_id, _ in undone}
    with path.open("rb") as file:
        for number, line in enumerate(file):
            found = _EVENT_ID.search(line)
            if found is None or found[0] not in wanted:
                continue
            record = read_record(line)
            if record and (found[0], record.get("user_id")) in undone:
                yield number


def _read_kept(path: Path, dropped: set[int]) -> Iterator[bytes]:
    with path.open("rb") as file:
        for number, line in enumerate(file):
            if number not in dropped:
                yield line
