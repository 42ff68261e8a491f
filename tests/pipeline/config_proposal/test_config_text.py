import yaml

from pipeline.config_proposal.config_text import write_config
from pipeline.config_proposal.setting import Setting
from pipeline.config_proposal.setting import to_values

_SETTINGS = [
    Setting("name", "shop"),
    Setting(
        "dataset",
        [
            Setting("path", ("a.csv", "b.csv")),
            Setting("delimiter", "\t", "it divides all lines alike"),
            Setting(
                "event_types", [Setting("on", "view"), Setting("0", "ignore")]
            ),
            Setting("columns", [Setting("user_id", 0, "a reason " * 12)]),
        ],
    ),
]


def test_yaml_says_what_the_settings_say():
    text = write_config(["Guessed."], _SETTINGS)
    values = yaml.safe_load(text)
    assert values == {
        "name": "shop",
        "dataset": {
            "path": ["a.csv", "b.csv"],
            "delimiter": "\t",
            "event_types": {"on": "view", "0": "ignore"},
            "columns": {"user_id": 0},
        },
    }
    told = to_values(_SETTINGS)
    told["dataset"]["path"] = list(told["dataset"]["path"])
    assert told == values


def test_reason_stands_behind_its_setting_or_above_it():
    lines = write_config(["Guessed."], _SETTINGS).splitlines()
    assert lines[0] == "# Guessed."
    assert '  delimiter: "\\t"  # it divides all lines alike' in lines
    place = next(n for n, line in enumerate(lines) if "user_id" in line)
    assert lines[place - 1].startswith("    # ")
    assert all(len(line) <= 88 for line in lines)
