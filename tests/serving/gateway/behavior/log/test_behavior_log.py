import json
import os
import subprocess
import sys

import pytest

from components.behavior_example_gen.reading import json_lines
from serving.gateway.behavior.log.behavior_log import BehaviorLog
from serving.gateway.behavior.log.record_json import encode_event
from serving.gateway.records.event import Event
from tests.serving.gateway.full_disk import full_disk


@pytest.fixture
def open_log(tmp_path):
    opened = []

    def open_one(window_spans=30):
        while opened:
            opened.pop().close()
        opened.append(BehaviorLog(tmp_path, window_spans))
        return opened[-1]

    yield open_one
    while opened:
        opened.pop().close()


def make_bodies(*names, user_id="ann"):
    return [
        encode_event(
            Event(event_id=n, user_id=user_id, item_id="i", timestamp=1)
        )
        for n in names
    ]


def append(log, *names, user_id="ann", stream="events"):
    log.streams[stream].append(make_bodies(*names, user_id=user_id))


def read_names(log, stream="events", after=0):
    return [row["event_id"] for _, row in log.read(stream, after)]


def read_span(span):
    return [
        json.loads(line)["event_id"]
        for path in sorted(span.glob("events-*.jsonl"))
        for line in path.open()
    ]


def test_span_is_a_rolling_window(open_log):
    log = open_log(window_spans=2)
    spans = []
    for name in ("a", "b", "c"):
        append(log, name)
        spans.append(log.close_span())
    assert [span.name for span in spans] == ["span-1", "span-2", "span-3"]
    assert read_span(spans[2]) == ["b", "c"]
    assert not spans[0].exists()


def test_span_holds_nothing_that_was_taken_back_since(open_log):
    log = open_log(window_spans=2)
    append(log, "a", "b")
    log.close_span()
    append(log, "c", "d")
    undo = [
        Event(
            event_id=f"undo {name}",
            user_id="ann",
            item_id="i",
            timestamp=1,
            event_type="undo",
            text=name,
        )
        for name in ("a", "c")
    ]
    log.streams["events"].append([encode_event(one) for one in undo])
    assert read_names(log) == ["a", "b", "c", "d", "undo a", "undo c"]
    assert read_span(log.close_span()) == ["b", "d", "undo a", "undo c"]


def test_span_number_goes_on_after_a_restart(open_log):
    append(log := open_log(), "a")
    log.close_span()
    append(log := open_log(), "b")
    assert log.close_span().name == "span-2"


def test_nothing_new_makes_no_span(open_log):
    append(log := open_log(), "a")
    assert log.close_span() == log.close_span()


def test_first_span_needs_an_event(open_log):
    log = open_log()
    append(log, "x", stream="exposures")
    with pytest.raises(ValueError, match="at least one event"):
        log.close_span()
    append(log, "a")
    span = log.close_span()
    assert len(list(span.glob("exposures-*.jsonl"))) == 1


def test_pipeline_reads_what_is_sealed(open_log, tmp_path):
    log = open_log()
    events = [
        Event(event_id="1", user_id="ü", item_id="i", timestamp=1.7e9 + 0.25),
        Event(
            event_id="2",
            user_id="u",
            item_id="j",
            timestamp=1_700_000_001,
            event_type="rate",
            value=4,
            text="line\nbreak",
            scenario="home",
            session_id="s",
        ),
    ]
    log.streams["events"].append([encode_event(event) for event in events])
    (path,) = log.close_span().glob("events-*.jsonl")
    columns = [
        "user_id",
        "item_id",
        "timestamp",
        "event_type",
        "value",
        "text",
        "scenario",
        "session_id",
    ]
    lines = path.read_bytes().rstrip(b"\n").split(b"\n")
    batch = json_lines.parse(lines, [1, 2], columns)
    assert batch.bad_lines == []
    assert {name: a.to_pylist() for name, a in batch.columns.items()} == {
        "user_id": ["ü", "u"],
        "item_id": ["i", "j"],
        "timestamp": [1700000000.25, 1700000001.0],
        "event_type": ["view", "rate"],
        "value": [None, 4.0],
        "text": ["", "line\nbreak"],
        "scenario": ["", "home"],
        "session_id": ["", "s"],
    }


def test_reading_spans_and_live_is_in_order_and_after_a_number(open_log):
    log = open_log()
    append(log, "a")
    log.close_span()
    append(log, "b")
    log.forget_user("ann-other")  # nothing to rotate for
    append(log, "c", user_id="bob")
    log.forget_user("bob")  # closes a part
    append(log, "d")
    assert read_names(log) == ["a", "b", "d"]
    number = next(seq for seq, row in log.read("events", 0))
    assert read_names(log, after=number) == ["b", "d"]


def test_what_is_not_durable_is_not_read(open_log):
    log = open_log()
    log.streams["events"].write(make_bodies("a"))
    assert read_names(log) == []
    log.flush()
    assert read_names(log) == ["a"]


def test_rotten_line_is_passed_over(open_log):
    log = open_log()
    append(log, "a", "b", "c")
    path = log.streams["events"].path
    path.write_bytes(path.read_bytes().replace(b'"b"', b'"b?', 1))
    assert read_names(open_log()) == ["a", "c"]


def test_forgotten_user_is_gone_from_every_file(open_log, tmp_path):
    log = open_log()
    for name in ("1", "2", "3"):
        append(log, f"a{name}")
        append(log, f"b{name}", user_id="bob")
        append(log, f"x{name}", user_id="bob", stream="exposures")
        if name != "3":
            log.close_span()
    assert log.forget_user("bob") == 6
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(b"bob" in path.read_bytes() for path in files)
    assert read_names(log) == ["a1", "a2", "a3"]
    assert read_span(log.close_span()) == ["a1", "a2", "a3"]


def test_deletion_that_was_noted_is_done_at_the_next_start(open_log):
    log = open_log()
    append(log, "a")
    append(log, "b", user_id="bob")
    log.close_span()
    log.forget_notes.add("bob")
    assert read_names(open_log()) == ["a"]


def test_other_process_is_kept_out(open_log, tmp_path):
    open_log()
    code = (
        "import sys, pathlib\n"
        "from serving.gateway.behavior.log.behavior_log import BehaviorLog\n"
        "BehaviorLog(pathlib.Path(sys.argv[1]))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
    )
    assert "must belong to one gateway at a time" in ended.stderr


def test_killed_between_sealing_and_cleaning_up_seals_once(open_log, tmp_path):
    log = open_log()
    append(log, "a")
    live = log.streams["events"].path
    span = log.close_span()
    os.link(span / live.name, live)  # as if it had not been removed yet
    log = open_log()
    assert read_names(log) == ["a"]
    append(log, "b")
    assert read_span(log.close_span()) == ["a", "b"]


def test_killed_between_closing_and_sealing_seals_next_time(open_log, tmp_path):
    log = open_log()
    append(log, "a")
    blocked = tmp_path / ".span-1"
    blocked.mkdir()  # in the way
    with pytest.raises(FileExistsError):
        log.close_span()
    log = open_log()
    append(log, "b")
    assert read_names(log) == ["a", "b"]
    assert read_span(log.close_span()) == ["a", "b"]


def test_import_makes_the_first_span(open_log):
    log = open_log()
    span = log.import_events(make_bodies("a", "b"))
    assert span.name == "span-1"
    append(log, "c")
    assert read_names(log) == ["a", "b", "c"]
    numbers = [number for number, _ in log.read("events", 0)]
    assert numbers == sorted(set(numbers))
    assert read_span(log.close_span()) == ["a", "b", "c"]


def test_import_into_a_used_log_is_refused(open_log):
    append(log := open_log(), "a")
    with pytest.raises(ValueError, match="before anything is logged"):
        log.import_events(make_bodies("b"))


def test_import_of_nothing_is_refused_and_leaves_nothing(open_log):
    log = open_log()
    with pytest.raises(ValueError, match="at least one event"):
        log.import_events([])
    log.import_events(make_bodies("a"))
    assert read_names(open_log()) == ["a"]


def test_import_that_breaks_off_leaves_nothing(open_log):
    log = open_log()

    def break_off():
        yield from make_bodies("a")
        raise OSError("source is gone")

    with pytest.raises(OSError, match="source is gone"):
        log.import_events(break_off())
    log.import_events(make_bodies("b"))
    assert read_names(log) == ["b"]


def test_full_disk_keeps_the_user_s_deletion_for_later(open_log):
    log = open_log()
    append(log, "a")
    append(log, "b", user_id="bob")
    log.forget_notes.add("bob")
    path = log.streams["events"].path
    with (
        full_disk(path, -path.stat().st_size),
        pytest.raises(OSError, match="too large"),
    ):
        log.forget_user("bob")
    assert read_names(log) == ["a", "b"]
    assert log.forget_user("bob") == 1
    assert read_names(log) == ["a"]
