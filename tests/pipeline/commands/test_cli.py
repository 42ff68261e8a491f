"""The command answers fast, and says what is wrong with its arguments."""

import subprocess
import sys
import time

import pytest

from pipeline.commands import cli

COMMANDS = (
    "run",
    "compile",
    "serve",
    "recommend",
    "explain",
    "status",
    "report",
)


def test_help_answers_within_two_seconds(repository):
    started_at = time.monotonic()
    answer = subprocess.run(
        [sys.executable, "-m", "pipeline.commands.cli", "--help"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    assert time.monotonic() - started_at < 2
    for command in COMMANDS:
        assert command in answer.stdout
    assert "exit codes" in answer.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_loads_no_tensorflow(repository, command):
    code = (
        "import sys\nfrom pipeline.commands.cli import main\ntry:\n"
        f"    main([{command!r}, '--help'])\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'tensorflow', 'tfx', 'apache_beam', 'pydantic'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=repository,
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr


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
        ["status", "-n", "0"],
        ["status", "-n", "-1"],
    ],
)
def test_wrong_arguments_are_usage_errors(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == cli.EXIT_USAGE
    assert "usage: tastemaker" in capsys.readouterr().err


def test_unusable_config_is_an_error_before_anything_heavy(tmp_path, capsys):
    path = tmp_path / "config.yaml"
    path.write_text("name: shop\ndatasett: {}\n")
    started_at = time.monotonic()
    assert cli.main(["run", str(path)]) == cli.EXIT_ERROR
    assert time.monotonic() - started_at < 5
    assert "`datasett` is not a setting" in capsys.readouterr().err


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
    [["status"], ["serve"], ["recommend", "--history", "Heat"]],
)
def test_folder_without_runs_is_an_error_that_says_what_to_do(
    arguments, tmp_path, capsys
):
    code = cli.main([*arguments, "--root", str(tmp_path)])
    assert code == cli.EXIT_ERROR
    last_line = capsys.readouterr().err.splitlines()[-1]
    assert last_line.startswith("error: ")
    assert "tastemaker run CONFIG" in last_line
