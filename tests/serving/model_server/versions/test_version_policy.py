from pathlib import Path

import pytest
from google.protobuf import text_format

from serving.model_server.versions.version_policy import Action
from serving.model_server.versions.version_policy import ServableVersionPolicy
from serving.model_server.versions.version_policy import choose_action
from serving.model_server.versions.version_policy import select_versions
from serving.model_server.versions.version_record import State
from serving.model_server.versions.version_record import VersionRecord

_FOUND = {number: Path(str(number)) for number in (2, 5, 9)}


def _select(text: str) -> list[int]:
    policy = text_format.Parse(text, ServableVersionPolicy())
    return sorted(select_versions(policy, _FOUND, "m"))


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [
        ("", [9]),
        ("latest {}", [9]),
        ("latest { num_versions: 0 }", [9]),
        ("latest { num_versions: 2 }", [5, 9]),
        ("latest { num_versions: 7 }", [2, 5, 9]),
    ],
)
def test_v04_latest_takes_the_highest_numbers(policy, wanted):
    assert _select(policy) == wanted


def test_v05_all_takes_every_version():
    assert _select("all {}") == [2, 5, 9]


def test_v06_specific_takes_what_is_there_and_warns_of_the_rest(caplog):
    assert _select("specific { versions: 2 versions: 3 }") == [2]
    assert "Version 3 of servable m" in caplog.text
    assert _select("specific {}") == []
    assert "No specific versions requested for servable m" in caplog.text


def _record(number: int, state: State, is_aspired: bool = True):
    return VersionRecord(number, Path(), state, is_aspired)


@pytest.mark.parametrize(
    ("records", "action", "number"),
    [
        ([(1, State.START, True), (2, State.START, True)], "LOAD", 2),
        ([(1, State.AVAILABLE, False), (2, State.START, True)], "LOAD", 2),
        ([(1, State.AVAILABLE, False), (2, State.LOADING, True)], None, None),
        ([(1, State.AVAILABLE, False), (2, State.END, True)], None, None),
        (
            [
                (1, State.AVAILABLE, False),
                (2, State.AVAILABLE, False),
                (3, State.AVAILABLE, True),
                (4, State.START, True),
            ],
            "UNLOAD",
            1,
        ),
        (
            [(1, State.AVAILABLE, False), (2, State.AVAILABLE, False)],
            "UNLOAD",
            1,
        ),
        ([(1, State.UNLOADING, False), (2, State.START, True)], "LOAD", 2),
        ([(1, State.AVAILABLE, True), (2, State.END, False)], None, None),
    ],
)
def test_h03_next_step_keeps_the_model_available(records, action, number):
    chosen = choose_action([_record(*record) for record in records])
    if action is None:
        assert chosen is None
    else:
        assert chosen[0] is Action[action]
        assert chosen[1].number == number
