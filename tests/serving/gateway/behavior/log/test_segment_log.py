import errno
import json
import os
import threading

import pytest

from serving.gateway.behavior.log.log_identity import LogIdentity
from serving.gateway.behavior.log.segment_log import SegmentLog
from tests.serving.gateway.full_disk import full_disk


@pytest.fixture
def identity(tmp_path):
    return LogIdentity(tmp_path / "identity.json")


@pytest.fixture
def log(tmp_path, identity):
    log = SegmentLog(tmp_path / "a.jsonl", identity)
    yield log
    log.close()


def make_bodies(*names):
    return [json.dumps({"name": name}).encode() for name in names]


def read_names(path):
    return [json.loads(line)["name"] for line in path.open()]


def test_append_returns_the_first_number_of_consecutive_ones(log):
    first = log.append(make_bodies("a", "b"))
    assert log.append(make_bodies("c")) == first + 2
    lines = [json.loads(line) for line in log.path.open()]
    assert [line["seq"] for line in lines] == [first, first + 1, first + 2]
    assert [line["name"] for line in lines] == ["a", "b", "c"]


def test_what_is_written_survives_without_close(log, tmp_path, identity):
    log.write(make_bodies("a"))
    again = SegmentLog(log.path, identity)
    assert again.durable_size == log.path.stat().st_size
    again.close()


def test_nothing_is_durable_before_the_sync(log):
    ticket = log.write(make_bodies("a"))
    assert not ticket.is_settled
    assert log.durable_size == 0
    log.wait(ticket)
    assert ticket.is_settled
    assert log.durable_size == log.path.stat().st_size


def test_one_sync_serves_all_that_wait(log, monkeypatch):
    syncs = []
    real = os.fdatasync
    is_syncing, may_go_on = threading.Event(), threading.Event()

    def sync_slowly(file):
        syncs.append(file)
        if len(syncs) == 1:
            is_syncing.set()
            may_go_on.wait(60)
        real(file)

    monkeypatch.setattr(os, "fdatasync", sync_slowly)
    first = threading.Thread(target=log.append, args=[make_bodies("first")])
    first.start()
    is_syncing.wait(60)
    tickets = [log.write(make_bodies(str(n))) for n in range(20)]
    waiters = [
        threading.Thread(target=log.wait, args=[ticket]) for ticket in tickets
    ]
    for waiter in waiters:
        waiter.start()
    may_go_on.set()
    for thread in (first, *waiters):
        thread.join()
    assert all(ticket.is_settled for ticket in tickets)
    assert len(syncs) == 2  # the first's own, and one for the twenty


def test_flush_waits_for_the_sync_of_another_thread(log, monkeypatch):
    real = os.fdatasync
    is_syncing, may_go_on = threading.Event(), threading.Event()

    def sync_slowly(file):
        is_syncing.set()
        may_go_on.wait(60)
        real(file)

    monkeypatch.setattr(os, "fdatasync", sync_slowly)
    ticket = log.write(make_bodies("a"))
    syncing = threading.Thread(target=log.wait, args=[ticket])
    syncing.start()
    is_syncing.wait(60)
    is_settled = []
    flushing = threading.Thread(
        target=lambda: (log.flush(), is_settled.append(ticket.is_settled))
    )
    flushing.start()
    flushing.join(0.1)
    may_go_on.set()
    for thread in (syncing, flushing):
        thread.join()
    assert is_settled == [True]


def test_threads_append_whole_lines(log):
    def append(thread):
        for n in range(50):
            log.append(make_bodies(f"{thread}-{n}a", f"{thread}-{n}b"))

    threads = [threading.Thread(target=append, args=[n]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = read_names(log.path)
    expected = [
        f"{t}-{n}{half}" for t in range(4) for n in range(50) for half in "ab"
    ]
    assert sorted(names) == sorted(expected)
    halves = zip(names[::2], names[1::2], strict=True)
    assert all(a[:-1] == b[:-1] for a, b in halves)


@pytest.mark.parametrize("room", [0, 1, 30, 60])
def test_full_disk_leaves_nothing_of_the_batch(log, room):
    log.append(make_bodies("kept"))
    size = log.path.stat().st_size
    with full_disk(log.path, room), pytest.raises(OSError) as raised:
        # Two lines of some 34 bytes each: 60 bytes take the first whole.
        log.append(make_bodies("lost", "lost too"))
    assert raised.value.errno == errno.EFBIG
    assert log.path.stat().st_size == size
    log.append(make_bodies("later"))
    assert read_names(log.path) == ["kept", "later"]


def test_full_disk_fails_only_what_does_not_fit(log):
    ticket = log.write(make_bodies("kept"))
    with full_disk(log.path), pytest.raises(OSError):
        log.write(make_bodies("lost"))
    log.wait(ticket)
    assert read_names(log.path) == ["kept"]


def test_failed_sync_fails_all_that_were_not_durable(log, monkeypatch):
    # No disk fails on demand here: this sync alone is made up.
    log.append(make_bodies("kept"))
    lost = [log.write(make_bodies("lost")), log.write(make_bodies("lost"))]

    def fail(file):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", fail)
        for ticket in lost:
            with pytest.raises(OSError, match="Input/output error") as raised:
                log.wait(ticket)
            assert raised.value.errno == errno.EIO
    log.append(make_bodies("later"))
    assert read_names(log.path) == ["kept", "later"]


def test_torn_line_is_cut_off_and_the_log_goes_on(tmp_path, identity):
    log = SegmentLog(tmp_path / "b.jsonl", identity)
    log.append(make_bodies("a", "b"))
    log.close()
    with log.path.open("r+b") as file:
        file.truncate(log.path.stat().st_size - 3)
    log = SegmentLog(log.path, identity)
    log.append(make_bodies("c"))
    log.close()
    assert read_names(log.path) == ["a", "c"]


def test_rotation_goes_on_in_a_new_file(log, tmp_path):
    ticket = log.write(make_bodies("a"))
    old = log.path
    log.rotate(tmp_path / "b.jsonl")
    assert ticket.is_settled
    log.append(make_bodies("b"))
    assert read_names(old) == ["a"]
    assert read_names(tmp_path / "b.jsonl") == ["b"]
    assert log.path == tmp_path / "b.jsonl"


def test_rotation_that_fails_leaves_the_old_file_in_use(log, tmp_path):
    log.append(make_bodies("a"))
    with pytest.raises(FileNotFoundError):
        log.rotate(tmp_path / "none" / "b.jsonl")
    log.append(make_bodies("b"))
    assert read_names(log.path) == ["a", "b"]


def test_rotation_loses_nothing_that_threads_append(log, tmp_path):
    def append(thread):
        for n in range(50):
            log.append(make_bodies(f"{thread}-{n}"))

    threads = [threading.Thread(target=append, args=[n]) for n in range(3)]
    paths = [log.path]
    for thread in threads:
        thread.start()
    for n in range(10):
        paths.append(tmp_path / f"r{n}.jsonl")
        log.rotate(paths[-1])
    for thread in threads:
        thread.join()
    names = [name for path in paths for name in read_names(path)]
    assert sorted(names) == sorted(
        f"{t}-{n}" for t in range(3) for n in range(50)
    )
