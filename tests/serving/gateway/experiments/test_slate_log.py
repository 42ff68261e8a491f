import dataclasses

import pytest

from serving.gateway.experiments.slate_log import SlateLog
from serving.gateway.experiments.success_rule import SuccessRule
from tests.serving.gateway.experiments.log_writer import make_click
from tests.serving.gateway.experiments.log_writer import make_exposure
from tests.serving.gateway.experiments.log_writer import write_logs

CLICK = SuccessRule.parse(["click"])


def read(slates):
    return {s.exposure.slate_id: set(s.succeeded) for s in slates}


def test_feedback_meets_its_slate(tmp_path):
    write_logs(
        tmp_path,
        [make_exposure("s1", "ann"), make_exposure("s2", "bob")],
        [make_click("s2", "bob", "b"), make_click("s2", "bob", "a")],
    )
    with SlateLog([tmp_path], CLICK) as slates:
        assert read(slates) == {"s1": set(), "s2": {"a", "b"}}
        assert slates.num_unmatched_successes == 0


def test_exposure_is_read_as_it_was_written(tmp_path):
    exposure = make_exposure(
        "s1",
        "ann",
        arms={"blend": "new"},
        candidates={"a": {"model": 0.5}},
        explored_position=0,
        source="popular",
    )
    write_logs(tmp_path, [exposure])
    with SlateLog([tmp_path], CLICK) as slates:
        assert next(iter(slates)).exposure == exposure


def test_feedback_that_was_taken_back_is_none(tmp_path):
    first, other = (make_click("s1", "ann", name) for name in ("a", "b"))
    second = make_click("s1", "ann", "a", timestamp=102.0)
    undo = dataclasses.replace(
        first, event_id="u", event_type="undo", text=first.event_id, slate_id=""
    )
    one = write_logs(tmp_path / "1", [make_exposure("s1", "ann")], [undo])
    two = write_logs(tmp_path / "2", [], [first, other])
    with SlateLog([one, two], CLICK) as slates:
        assert read(slates) == {"s1": {"b"}}
        assert slates.num_unmatched_successes == 0
    three = write_logs(tmp_path / "3", [], [second])
    with SlateLog([one, two, three], CLICK) as slates:
        assert read(slates) == {"s1": {"a", "b"}}


def test_feedback_in_the_log_of_another_gateway_counts(tmp_path):
    one = write_logs(tmp_path / "1", [make_exposure("s1", "ann")])
    other = write_logs(tmp_path / "2", [], [make_click("s1", "ann")])
    with SlateLog([one, other], CLICK) as slates:
        assert read(slates) == {"s1": {"a"}}


def test_clock_of_the_caller_does_not_matter(tmp_path):
    late = make_click("s1", "ann", timestamp=-1e9)
    write_logs(tmp_path, [make_exposure("s1", "ann")], [late])
    with SlateLog([tmp_path], CLICK) as slates:
        assert read(slates) == {"s1": {"a"}}


@pytest.mark.parametrize(
    "event",
    [
        make_click("s1", "bob"),
        make_click("s1", "ann", "not shown"),
        make_click("s9", "ann"),
    ],
    ids=["another user", "another item", "another slate"],
)
def test_feedback_that_fits_no_slate_is_counted(tmp_path, event):
    write_logs(tmp_path, [make_exposure("s1", "ann")], [event])
    with SlateLog([tmp_path], CLICK) as slates:
        assert read(slates) == {"s1": set()}
        assert slates.num_unmatched_successes == 1


def test_events_that_are_no_success_or_name_no_slate_are_left(tmp_path):
    events = [
        make_click("s1", "ann", event_type="view"),
        make_click("", "ann"),
    ]
    write_logs(tmp_path, [make_exposure("s1", "ann")], events)
    with SlateLog([tmp_path], CLICK) as slates:
        assert read(slates) == {"s1": set()}
        assert slates.num_unmatched_successes == 0


def test_what_is_logged_twice_counts_once(tmp_path):
    for part in (1, 2):
        write_logs(
            tmp_path,
            [make_exposure("s1", "ann")],
            [make_click("s1", "ann")],
            part,
        )
    with SlateLog([tmp_path], CLICK) as slates:
        assert [s.exposure.slate_id for s in slates] == ["s1"]
        assert slates.num_repeated_slates == 1


@pytest.mark.parametrize("kind", ["events", "exposures"])
def test_torn_last_line_is_skipped_and_counted(tmp_path, kind):
    write_logs(
        tmp_path,
        [make_exposure("s1", "ann"), make_exposure("s2", "bob")],
        [make_click("s1", "ann"), make_click("s2", "bob")],
    )
    path = tmp_path / f"{kind}-000001.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    with SlateLog([tmp_path], CLICK) as slates:
        found = read(slates)
        assert found["s1"] == {"a"}
        assert slates.num_unreadable_lines == 1


def test_unknown_keys_of_a_later_version_are_ignored(tmp_path):
    write_logs(tmp_path, [make_exposure("s1", "ann")])
    path = tmp_path / "exposures-000001.jsonl"
    line = path.read_text().replace('"slate_id"', '"new": [1], "slate_id"')
    path.write_text(line)
    with SlateLog([tmp_path], CLICK) as slates:
        assert read(slates) == {"s1": set()}
        assert slates.num_unreadable_lines == 0


def test_second_reading_finds_the_same_and_counts_again(tmp_path):
    write_logs(
        tmp_path,
        [make_exposure("s1", "ann")],
        [make_click("s1", "ann"), make_click("s9", "ann")],
    )
    with SlateLog([tmp_path], CLICK) as slates:
        assert read(slates) == read(slates) == {"s1": {"a"}}
        assert slates.num_unmatched_successes == 1
        assert slates.num_repeated_slates == 0


def test_folder_without_exposures_is_refused_by_name(tmp_path):
    with pytest.raises(FileNotFoundError, match=str(tmp_path)):
        SlateLog([tmp_path], CLICK)
