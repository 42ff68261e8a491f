from serving.gateway.behavior.log.segment_name import SegmentName
from serving.gateway.behavior.log.segment_name import list_segments
from serving.gateway.behavior.log.segment_name import parse_segment_name


def test_name_comes_back_from_a_path(tmp_path):
    for name in (
        SegmentName("events", 3, 0),
        SegmentName("exposures", 1_234_567, 12_345),
    ):
        assert parse_segment_name(tmp_path / str(name)) == name


def test_name_matches_the_pattern_that_the_pipeline_reads(tmp_path):
    (tmp_path / str(SegmentName("events", 3, 0))).touch()
    (tmp_path / str(SegmentName("exposures", 3, 0))).touch()
    found = [path.name for path in tmp_path.glob("events-*.jsonl")]
    assert found == ["events-000003-0000.jsonl"]


def test_listing_is_by_age_and_leaves_other_files(tmp_path):
    names = [
        SegmentName("events", 1, 2),
        SegmentName("events", 2, 0),
        SegmentName("events", 1_000_000, 0),
        SegmentName("exposures", 1, 0),
    ]
    for name in reversed(names):
        (tmp_path / str(name)).touch()
    for other in (".events-000001-0000.jsonl", "events-1-0.jsonl", "a.txt"):
        (tmp_path / other).touch()
    assert list(list_segments(tmp_path)) == names
