"""A label decides which version answers, in a running server as well."""

import shutil

import pytest

from pipeline.commands import cli
from pipeline.commands import gateway
from pipeline.commands import recommendation
from pipeline.commands.label import describe_labels
from pipeline.commands.label import move_label
from pipeline.commands.recommendation import build_server_flags
from pipeline.commands.recommendation import find_running_server
from pipeline.commands.recommendation import open_client
from pipeline.runs.execution import execute
from pipeline.runs.run_folder import RunFolder
from serving import version_labels
from serving.model_server.server import ModelServer
from serving.model_server.settings.flags import parse_flags
from serving.query import Query
from tests.pipeline.tiny_pipeline import build_push_pipeline


@pytest.fixture
def folder(recommender_model, tmp_path):
    """Of a run that pushed versions 7 and 8."""
    for version in ("7", "8"):
        path = tmp_path / "serving" / "bookshop" / version
        shutil.copytree(recommender_model, path)
    folder = RunFolder(tmp_path)
    execute(build_push_pipeline(folder, path), folder, "one", lambda _: None)
    return folder


def _ask(folder, address=None):
    with open_client(folder, address) as client:
        return client.recommend(Query(), 1)[0].model_version


def test_label_is_listed_moved_and_removed(folder, capsys):
    root = ["--root", str(folder.root)]
    assert cli.main(["label", *root]) == cli.EXIT_OK
    assert "gateway ask version 8." in capsys.readouterr().out
    assert cli.main(["label", "stable", "7", *root]) == cli.EXIT_OK
    assert cli.main(["label", "canary", "8", *root]) == cli.EXIT_OK
    file = folder.serving_path / "bookshop" / "models.config"
    # Both are loaded, and the highest answers whom `tastemaker` does not ask.
    assert capsys.readouterr().out.splitlines()[-4:] == [
        "canary: 8",
        "stable: 7",
        "`tastemaker` and its gateway ask version 7.",
        f"A server with --model_config_file={file} answers other callers who"
        " name no label with version 8.",
    ]
    assert cli.main(["label", "stable", "--remove", *root]) == cli.EXIT_OK
    assert "gateway ask version 8." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["stable"], "LABEL must come with a VERSION or with --remove"),
        (["stable", "7", "--remove"], "with both"),
        (["stable", "9"], "must be one of 7, 8"),
        (["Stable", "7"], "small letters"),
    ],
)
def test_label_that_makes_no_sense_is_refused(
    folder, arguments, message, capsys
):
    code = cli.main(["label", *arguments, "--root", str(folder.root)])
    assert code == cli.EXIT_ERROR
    assert message in capsys.readouterr().err
    assert len(describe_labels(folder)) == 1


def test_move_that_servers_cannot_follow_is_refused(folder, capsys):
    root = ["--root", str(folder.root)]
    assert cli.main(["label", "stable", "7", *root]) == cli.EXIT_OK
    assert cli.main(["label", "stable", "8", *root]) == cli.EXIT_ERROR
    assert "--address HOST:PORT" in capsys.readouterr().err
    assert describe_labels(folder)[0] == "stable: 7"


def test_config_is_as_before_when_the_server_does_not_load_in_time(
    folder, monkeypatch
):
    monkeypatch.setattr(recommendation, "_LOAD_TIMEOUT_SECONDS", 0.2)
    move_label(folder, "stable", 8, None)
    base_path = folder.serving_path / "bookshop"
    file = base_path / "models.config"
    before = file.read_text()
    # It reads no config, and loads the newest version only.
    with (
        ModelServer("bookshop", base_path) as server,
        pytest.raises(TimeoutError, match="must load version 7"),
    ):
        move_label(folder, "stable", 7, f"localhost:{server.port}")
    assert file.read_text() == before


def test_server_that_starts_serves_what_is_stable(folder):
    assert _ask(folder) == 8
    move_label(folder, "stable", 7, None)
    assert _ask(folder) == 7
    # A newer version that is tried out does not answer everybody.
    move_label(folder, "canary", 8, None)
    assert _ask(folder) == 7


def test_running_server_goes_back_and_forth(folder):
    flags = parse_flags(
        ["--port=1", *build_server_flags(folder.serving_path / "bookshop")]
    )
    server = ModelServer(
        flags.model_name, flags.model_base_path, 0, flags.options
    )
    server.start(60)
    try:
        address = f"localhost:{server.port}"
        assert _ask(folder, address) == 8
        move_label(folder, "stable", 7, address)
        assert _ask_until(folder, address, 7)
        move_label(folder, "stable", 8, address)
        assert _ask_until(folder, address, 8)
    finally:
        server.stop()


def test_server_of_the_gateway_is_found(folder, capsys):
    root = ["--root", str(folder.root)]
    move_label(folder, "stable", 8, None)
    with gateway.serve_model(folder) as address:
        assert find_running_server(folder) == address
        assert cli.main(["label", "stable", "7", *root]) == cli.EXIT_OK
        assert f"Waiting for {address} to load 7" in capsys.readouterr().out
        assert _ask_until(folder, address, 7)
        file = folder.root / "gateway" / "model_server.address"
        noted = file.read_text()
    assert not file.exists()
    file.write_text(noted)  # as a gateway that is killed leaves it
    assert find_running_server(folder) is None


def test_server_starts_where_no_config_can_be_written(folder):
    base_path = folder.serving_path / "bookshop"
    with version_labels.hold_lock(base_path):
        (base_path / "models.config").unlink(missing_ok=True)
        assert build_server_flags(base_path) == [
            "--model_name=bookshop",
            f"--model_base_path={base_path}",
        ]
        assert _ask(folder) == 8


def _ask_until(folder, address, version):
    """Asks until the server has read its config; fails by the timeout."""
    while True:
        try:
            if _ask(folder, address) == version:
                return True
        except (LookupError, ValueError):
            continue  # the label is not there yet
