"""What may be typed, and what comes of it."""

import pytest

from pipeline.commands import cli
from pipeline.commands.cli_parser import build_parser


def _list_commands():
    parser = build_parser()
    (commands,) = [a for a in parser._actions if a.dest == "command"]
    return set(commands.choices)


def test_every_command_that_can_be_typed_does_something():
    assert _list_commands() == set(cli._COMMANDS)


def test_slate_and_explanation_are_asked_for_alike():
    asked = ["--user", "7", "--need", "calm", "--root", "runs/shop"]
    slate = vars(build_parser().parse_args(["recommend", *asked, "-k", "3"]))
    explained = vars(
        build_parser().parse_args(["explain", *asked, "--item", "Heat"])
    )
    assert (slate.pop("k"), explained.pop("item")) == (3, "Heat")
    assert slate.pop("command") == "recommend"
    assert explained.pop("command") == "explain"
    assert slate == explained


def test_item_to_be_explained_must_be_named(capsys):
    with pytest.raises(SystemExit):
        build_parser().parse_args(["explain", "--user", "7"])
    assert "--item" in capsys.readouterr().err
