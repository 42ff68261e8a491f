import json

from components.behavior_example_gen import outputs
from components.behavior_example_gen import rejects
from components.behavior_example_gen.rejects import Tally

_TALLIES = {
    ("items", rejects.READ): Tally(4),
    ("items", "odd price"): Tally(1, "i.csv:2", "'$'", "Set it.", True),
}


def test_counts_tell_of_faults_only_where_there_are_some(tmp_path):
    tallies = _TALLIES | {("events", rejects.READ): Tally(3)}
    outputs.write_counts(tallies, str(tmp_path), None)
    counts = json.loads((tmp_path / outputs.COUNTS_FILE).read_text())
    assert counts == {
        "events": {"read": 3, "used": 3, "rejected": {}},
        "items": {
            "read": 4,
            "used": 4,
            "rejected": {},
            "warnings": {"odd price": 1},
            "faults": {
                "odd price": "odd price: 1 (first at i.csv:2, '$'). Set it."
            },
        },
    }


def test_excess_is_written_only_where_there_is_one(tmp_path):
    assert outputs.write_excess(_TALLIES, str(tmp_path), 0.0) is None
    assert not (tmp_path / outputs.EXCESS_FILE).exists()
    rejected = _TALLIES | {("items", "missing title"): Tally(1, "i.csv:3")}
    excess = outputs.write_excess(rejected, str(tmp_path), 0.0)
    assert "missing title: 1" in excess
    assert (tmp_path / outputs.EXCESS_FILE).read_text() == excess
