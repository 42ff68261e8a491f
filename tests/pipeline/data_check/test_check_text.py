import json

from pipeline.data_check.check_text import describe_check
from pipeline.data_check.check_text import dump_check
from pipeline.data_check.dataset_check import check_dataset
from tests.pipeline.data_check.conftest import write_rows

_TIME = 1_600_000_000
_ROWS = write_rows(
    *[(f"u{n}", "ab"[n % 2], _TIME + n) for n in range(9)], ("", "a", _TIME)
)


def test_lines_tell_tables_splits_findings_and_outcome(write_config):
    config = write_config(_ROWS, dataset={"max_reject_share": 0.1})
    lines = describe_check(check_dataset(config, 1000))
    assert lines[0] == "events  10 rows in 1 file: 9 used, 1 rejected"
    assert lines[1] == "items   2 rows in 1 file: 2 used, 0 rejected"
    assert "9 with events, 13 September 2020" in lines[2]
    # 9 events: 7.2 and 8.1 events precede the cuts.
    assert lines[3] == "splits  train 7, eval 1, test 1 events"
    assert any("missing user_id" in line for line in lines)
    assert lines[-1].startswith("A run would go on to training (")


def test_error_comes_first_and_the_outcome_says_so(write_config):
    config = write_config(_ROWS, dataset={"max_reject_share": 0.0})
    lines = describe_check(check_dataset(config, 1000))
    assert lines[4].startswith("error: at most 0.0%")
    assert lines[-1].startswith("A run would stop (1 error, ")


def test_json_tells_the_same(write_config):
    told = json.loads(dump_check(check_dataset(write_config(_ROWS), 1000)))
    assert told["ok"] is False  # a tenth of the events is rejected
    assert told["tables"]["events"]["used"] == 9
    assert told["splits"] == {"train": 7, "eval": 1, "test": 1}
    assert told["events"]["first"] == _TIME
    assert {one["level"] for one in told["findings"]} == {"error", "warning"}
