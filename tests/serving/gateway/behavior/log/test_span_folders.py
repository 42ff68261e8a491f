import pytest

from serving.gateway.behavior.log.segment_name import SegmentName
from serving.gateway.behavior.log.span_folders import SpanFolders


def make_segment(folder, span, stream="events", content="a line\n"):
    folder.mkdir(exist_ok=True)
    path = folder / str(SegmentName(stream, span, 0))
    path.write_text(content)
    return path


def seal(spans, folder, number):
    segment = make_segment(folder / "live", number)
    path = spans.seal(number, [segment], {})
    segment.unlink()
    return path


def test_span_holds_the_segments_of_its_window_as_links(tmp_path):
    spans = SpanFolders(tmp_path, 2)
    for number in (1, 2, 3):
        path = seal(spans, tmp_path, number)
    assert path == tmp_path / "span-3"
    assert [name.span for name in spans.list_newest()] == [2, 3]
    shared = tmp_path / "span-2" / "events-000002-0000.jsonl"
    again = tmp_path / "span-3" / "events-000002-0000.jsonl"
    assert shared.stat().st_ino == again.stat().st_ino


def test_spans_older_than_the_window_leave(tmp_path):
    spans = SpanFolders(tmp_path, 2)
    for number in (1, 2, 3):
        seal(spans, tmp_path, number)
    assert list(spans.list_folders()) == [2, 3]


def test_numbers_that_were_never_sealed_are_no_spans_of_the_window(tmp_path):
    spans = SpanFolders(tmp_path, 2)
    for number in (1, 2, 60):  # 57 tries met a full disk
        seal(spans, tmp_path, number)
    assert [name.span for name in spans.list_newest()] == [2, 60]
    assert list(spans.list_folders()) == [2, 60]


def test_what_failed_tries_left_counts_as_one_span(tmp_path):
    spans = SpanFolders(tmp_path, 3)
    for number in (1, 2):
        seal(spans, tmp_path, number)
    left = [make_segment(tmp_path / "live", n) for n in (3, 4, 5)]
    left += [make_segment(tmp_path / "live", 4, "exposures")]
    spans.seal(5, left, {})
    assert [path.read_text() for path in left] == ["a line\n"] * 4
    seal(spans, tmp_path, 6)
    assert [(n.span, n.stream, n.part) for n in spans.list_newest()] == [
        (2, "events", 0),
        (5, "events", 0),
        (5, "events", 1),
        (5, "events", 2),
        (6, "events", 0),
        (5, "exposures", 0),
    ]


def test_window_of_one_span_holds_what_is_new(tmp_path):
    spans = SpanFolders(tmp_path, 1)
    seal(spans, tmp_path, 1)
    left = make_segment(tmp_path / "live", 2)  # of a try that failed
    spans.seal(3, [left, make_segment(tmp_path / "live", 3)], {})
    assert [name.span for name in spans.list_newest()] == [3, 3]
    assert list(spans.list_folders()) == [3]


def test_spans_are_listed_by_number(tmp_path):
    spans = SpanFolders(tmp_path, 30)
    for number in (9, 10, 11):
        seal(spans, tmp_path, number)
    assert list(spans.list_folders()) == [9, 10, 11]


def test_empty_segments_stay_out(tmp_path):
    spans = SpanFolders(tmp_path, 2)
    live = tmp_path / "live"
    full = make_segment(live, 1)
    empty = make_segment(live, 1, "exposures", "")
    span = spans.seal(1, [full, empty], {})
    assert [path.name for path in span.iterdir()] == [full.name]


def test_span_without_an_event_is_refused(tmp_path):
    spans = SpanFolders(tmp_path, 2)
    exposures = make_segment(tmp_path / "live", 4, "exposures")
    with pytest.raises(ValueError, match="none since span 4"):
        spans.seal(4, [exposures], {})
    assert spans.list_folders() == {}


def test_half_made_span_is_never_seen_and_leaves_at_the_next_start(tmp_path):
    half = tmp_path / ".span-1"
    half.mkdir()
    make_segment(half, 1)
    spans = SpanFolders(tmp_path, 2)
    assert spans.list_folders() == {}
    assert not half.exists()


def test_half_rewritten_file_leaves_at_the_next_start(tmp_path):
    span = seal(SpanFolders(tmp_path, 2), tmp_path, 1)
    (span / ".events-000001-0000.jsonl").write_text("half")
    SpanFolders(tmp_path, 2)
    assert [path.name for path in span.iterdir()] == [
        "events-000001-0000.jsonl"
    ]


def test_failure_leaves_no_trace(tmp_path):
    spans = SpanFolders(tmp_path, 2)
    live = make_segment(tmp_path / "live", 1)
    (tmp_path / ".span-1").mkdir()  # in the way
    with pytest.raises(FileExistsError):
        spans.seal(1, [live], {})
    assert spans.list_folders() == {}
    assert spans.seal(1, [live], {}).is_dir()


def test_window_of_no_span_is_refused(tmp_path):
    with pytest.raises(ValueError, match="Received: 0"):
        SpanFolders(tmp_path, 0)


def test_table_is_whole_in_each_span_and_linked_if_it_is_the_same(tmp_path):
    spans = SpanFolders(tmp_path, 2)

    def make(number):
        return [make_segment(tmp_path / "live", number)]

    one = spans.seal(1, make(1), {"items": [b"a\n"], "users": []})
    two = spans.seal(2, make(2), {"items": [b"a\n"]})
    assert not list(one.glob("users-*"))  # there are none
    file = "items-000001-0000.jsonl"
    assert (one / file).stat().st_ino == (two / file).stat().st_ino
    assert spans.holds({"items": [b"a\n"], "users": []})
    assert not spans.holds({"items": [b"a\n", b"b\n"]})
    three = spans.seal(3, make(3), {"items": [b"a\n", b"b\n"]})
    (path,) = three.glob("items-*")
    assert path.read_bytes() == b"a\nb\n"
    # What nobody can tell, because the state is away, stays as it was.
    four = spans.seal(4, make(4), {})
    (path,) = four.glob("items-*")
    assert path.read_bytes() == b"a\nb\n"
    assert not list(spans.seal(5, make(5), {"items": []}).glob("items-*"))
