"""The command answers fast, and says what is wrong with its arguments."""

import subprocess
import sys

import pytest

from pipeline.commands import cli

COMMANDS = (
    "run",
    "compile",
    "serve",
    "label",
    "recommend",
    "explain",
    "status",
    "report",
)


# Asks each, and tells what takes seconds to import and is there all the same.
_ASK = """
import contextlib, sys
from pipeline.commands.cli import main
heavy = set(sys.argv[1].split(","))
for arguments in sys.argv[2:]:
    with contextlib.suppress(SystemExit):
        main(arguments.split())
    loaded = heavy & set(sys.modules)
    if loaded:
        sys.exit(f"{arguments} loads {loaded}")
"""
_HEAVY = "tensorflow,tfx,apache_beam"


def _ask(repository, heavy, *commands):
    return subprocess.run(
        [sys.executable, "-c", _ASK, heavy, *commands],
        cwd=repository,
        capture_output=True,
        text=True,
    )


def test_help_names_all_commands_and_loads_nothing_that_takes_seconds(
    repository,
):
    helps = [f"{command} --help" for command in COMMANDS]
    answer = _ask(repository, f"{_HEAVY},pydantic", "--help", *helps)
    assert answer.returncode == 0, answer.stderr
    for command in COMMANDS:
        assert f"usage: tastemaker {command}" in answer.stdout
    assert "exit codes" in answer.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["run"],
        ["run", "c.yaml", "--runner", "dask"],
        ["recommend"],
        ["recommend", "--user", "1", "--history", "Heat"],
        ["recommend", "--user", "1", "-k", "many"],
        ["recommend", "--user", "1", "-k", "0"],
        ["explain", "--user", "1"],
        ["explain", "--item", "Heat"],
        ["label", "stable", "newest"],
        ["status", "-n", "0"],
        ["status", "-n", "-1"],
    ],
)
def test_wrong_arguments_are_usage_errors(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == cli.EXIT_USAGE
    assert "usage: tastemaker" in capsys.readouterr().err


def test_unusable_config_is_an_error_before_anything_heavy(
    repository, tmp_path, capsys
):
    path = tmp_path / "config.yaml"
    path.write_text("name: shop\ndatasett: {}\n")
    assert cli.main(["run", str(path)]) == cli.EXIT_ERROR
    assert "`datasett` is not a setting" in capsys.readouterr().err
    answer = _ask(repository, _HEAVY, f"run {path}")
    assert answer.returncode == 0, answer.stderr


def test_compiling_without_kubeflow_s_sdk_says_how_to_get_it(
    repository, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "kfp", None)  # as if not installed
    config = repository / "configs" / "movielens-small.yaml"
    assert cli.main(["compile", str(config)]) == cli.EXIT_ERROR
    last_line = capsys.readouterr().err.splitlines()[-1]
    assert "Install the extra `kubeflow`" in last_line


@pytest.mark.parametrize(
    "arguments",
    [["status"], ["serve"], ["label"], ["recommend", "--history", "Heat"]],
)
def test_folder_without_runs_is_an_error_that_says_what_to_do(
    arguments, tmp_path, capsys
):
    code = cli.main([*arguments, "--root", str(tmp_path)])
    assert code == cli.EXIT_ERROR
    last_line = capsys.readouterr().err.splitlines()[-1]
    assert last_line.startswith("error: ")
    assert "tastemaker run CONFIG" in last_line
