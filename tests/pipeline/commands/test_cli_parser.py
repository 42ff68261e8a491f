"""What may be typed, and what comes of it."""

import pytest

from pipeline.commands import cli
from pipeline.commands.cli_parser import build_parser
from pipeline.commands.cli_parser import parse_arguments


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


@pytest.mark.parametrize("command", ["gateway", "serve"])
def test_port_that_tcp_does_not_have_is_refused_in_one_line(command, capsys):
    with pytest.raises(SystemExit):
        parse_arguments([command, "--port", "99999"])
    *_, last = capsys.readouterr().err.strip().splitlines()
    assert "from 0 to 65535. Received: 99999" in last


def test_need_may_stand_alone_but_something_must_be_asked(capsys):
    asked = parse_arguments(["recommend", "--need", "a dark comedy"])
    assert (asked.user, asked.history, asked.need) == (
        None,
        None,
        "a dark comedy",
    )
    with pytest.raises(SystemExit):
        parse_arguments(["recommend", "-k", "3"])
    assert "--user, --history and --need" in capsys.readouterr().err
