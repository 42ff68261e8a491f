"""Kills a process that records events many times, and counts lost events.

Run as a module, it is the process to be killed: it opens the store of a
folder, records events from two threads and writes the id of each event to
its standard output once it is acknowledged.
"""

import argparse
import dataclasses
import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from serving.gateway.behavior.behavior_store import BehaviorStore
from serving.gateway.behavior.log.segment_name import list_segments
from serving.gateway.behavior.open_behavior_store import open_behavior_store
from serving.gateway.records.event import Event
from serving.gateway.records.exposure import Exposure

_NUM_THREADS = 2
_BATCH = 3  # events of one call
_MAX_LIFE = 0.08  # seconds from the first acknowledgement to the kill
_KILLED_EARLY = 0.1  # share of the processes killed while they start
_MAX_EARLY_LIFE = 0.4  # seconds of those, most of which imports take
_START_SECONDS = 60.0
_SPANS_CLOSED = 0.2  # share of the processes that close a span as they start
_EPOCH = 1_700_000_000.0


@dataclasses.dataclass(frozen=True)
class KillCounts:
    """What was lost.

    Attributes:
        kills: processes that were killed.
        acknowledged: events that a process had acknowledged.
        lost_from_log: of these, how many the log does not hold.
        lost_from_state: how many the state does not hold once it is opened.
        doubled: lines of the log that repeat an event id.
    """

    kills: int
    acknowledged: int
    lost_from_log: int
    lost_from_state: int
    doubled: int


def count_lost_events(folder: Path, kills: int, seed: int = 0) -> KillCounts:
    """Records events in a process that is killed with SIGKILL, and counts.

    Each process opens the files of the one before, sends some of its last
    events again, and is killed at a random moment: mostly while it records, now
    and then while it opens the store or closes a span.

    Args:
        folder: for log and state; on the disk to be tested.
        kills: processes to kill, at least 1.
        seed: of the random moments.

    Returns:
        How many acknowledged events the log and the state hold.
    """
    chance = random.Random(seed)
    acknowledged: list[str] = []
    for number in range(kills):
        acknowledged += _run_one(folder, number, chance)
    store = _open(folder)
    try:
        # A span needs an event, and perhaps no process recorded one before its
        # end.
        store.record_events([_make_event("survivor", 0)])
        in_state = {
            event.event_id
            for user_id in store.list_users(kills * (_NUM_THREADS + 1) + 1)
            for event in store.read_events(user_id, 10_000)
        }
        store.close_span()
    finally:
        store.close()
    newest = max(folder.glob("log/span-*"), key=lambda path: int(path.name[5:]))
    in_log = [
        json.loads(line)["event_id"]
        for name, path in list_segments(newest).items()
        if name.stream == "events"
        for line in path.read_bytes().splitlines()
    ]
    promised = set(acknowledged)
    return KillCounts(
        kills=kills,
        acknowledged=len(promised),
        lost_from_log=len(promised - set(in_log)),
        lost_from_state=len(promised - in_state),
        doubled=len(in_log) - len(set(in_log)),
    )


def measure() -> dict[str, float]:
    """Kills 100 times in a temporary folder.

    Returns:
        `events_lost_over_100_kills`, and how many were acknowledged.
    """
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        counts = count_lost_events(Path(folder), 100)
    lost = max(counts.lost_from_log, counts.lost_from_state)
    return {
        "events_lost_over_100_kills": lost,
        "events_acknowledged": counts.acknowledged,
    }


def _open(folder: Path) -> BehaviorStore:
    # More spans than kills: no event is dropped with an old span.
    return open_behavior_store(
        f"sqlite:///{folder / 'state.db'}", folder / "log", None, 10_000
    )


def _run_one(folder: Path, number: int, chance: random.Random) -> list[str]:
    """Runs one process until it is killed; returns what it acknowledged."""
    command = [sys.executable, "-m", "benchmarks.gateway.kills"]
    command += ["--folder", str(folder), "--number", str(number)]
    if chance.random() < _SPANS_CLOSED:
        command.append("--close-span")
    is_early = chance.random() < _KILLED_EARLY
    life = chance.uniform(0, _MAX_EARLY_LIFE if is_early else _MAX_LIFE)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            if not is_early:
                _await_start(process)
            time.sleep(life)
        finally:
            process.send_signal(signal.SIGKILL)
        told = process.stdout.read().decode().split("\n")
    if len(told) == 1 and not is_early:
        raise RuntimeError(
            "A writer must run until it is killed. Received: exit code "
            f"{process.returncode}."
        )
    return told[:-1]


def _await_start(process: subprocess.Popen) -> None:
    """Waits until the first bytes can be read, without reading them."""
    if not select.select([process.stdout], [], [], _START_SECONDS)[0]:
        raise TimeoutError(
            f"A writer must start within {_START_SECONDS} s. Received: none."
        )


def _write_until_killed(folder: Path, number: int, is_closing: bool) -> None:
    store = _open(folder)
    threads = [
        threading.Thread(target=_record, args=(store, f"{number}-{thread}"))
        for thread in range(_NUM_THREADS)
    ]
    for thread in threads:
        thread.start()
    if is_closing:
        # The log of the first process is empty: there is no span to close.
        store.record_events([_make_event(f"{number}-closing", 0)])
        store.close_span()
    for thread in threads:
        thread.join()


def _record(store: BehaviorStore, user_id: str) -> None:
    first = 0
    while True:
        events = [_make_event(user_id, first + n) for n in range(_BATCH)]
        store.record_exposure(
            Exposure(
                slate_id=f"{user_id}-{first}",
                user_id=user_id,
                timestamp=_EPOCH + first,
            )
        )
        store.record_events(events)
        _tell([event.event_id for event in events])
        first += _BATCH - 1  # the last one is sent again


def _make_event(user_id: str, number: int) -> Event:
    return Event(
        event_id=f"{user_id}-{number}",
        user_id=user_id,
        item_id=f"item-{number % 100}",
        timestamp=_EPOCH + number,
    )


def _tell(words: list[str]) -> None:
    # One write of few bytes: a pipe takes it whole or not at all.
    os.write(sys.stdout.fileno(), "".join(f"{w}\n" for w in words).encode())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--number", type=int, required=True)
    parser.add_argument("--close-span", action="store_true")
    given = parser.parse_args()
    _write_until_killed(given.folder, given.number, given.close_span)
