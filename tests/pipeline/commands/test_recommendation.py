"""A slate is put into words that a person understands."""

import pytest

from pipeline.commands import cli
from pipeline.commands.recommendation import describe_history
from pipeline.commands.recommendation import describe_slate
from pipeline.commands.recommendation import open_client
from pipeline.commands.title_lookup import TitleLookup
from pipeline.runs.execution import execute
from pipeline.runs.run_folder import RunFolder
from serving.query import NO_SHARES
from serving.query import KindShares
from serving.query import Query
from serving.query import Slate
from serving.query import SlateItem
from tests.pipeline.tiny_pipeline import build_push_pipeline

TITLES = TitleLookup({"a": "Heat", "b": "Fargo", "c": "Alien"})


def _item(item_id, reasons=(), shares=NO_SHARES):
    return SlateItem(
        item_id=item_id,
        score=1.234,
        probability=0.5,
        rating=4.0,
        reasons=reasons,
        shares=shares,
    )


def test_reason_is_the_title_of_the_event_and_its_weight():
    item = _item("c", [(1, 0.75), (0, 0.25)], KindShares(history=1.0))
    slate = Slate(items=[item], model_version=1)
    lines = describe_slate(slate, Query(item_ids=["a", "b"]), TITLES)
    assert lines == [
        "  1. Alien  (score 1.23)",
        "     because of Fargo (0.75); Heat (0.25)",
    ]


def test_every_kind_of_reason_is_told_the_largest_first():
    shares = KindShares(history=0.3, need=0.6, popularity=0.1)
    item = _item("c", [(1, 0.2), (0, 0.001)], shares)
    need = f"a dark thriller {'with rain ' * 9}"
    lines = describe_slate(
        Slate(items=[item], model_version=1),
        Query(item_ids=["a", "b"], need=need),
        TITLES,
    )
    # The events named have 0.201 of the history's 0.3.
    assert lines[1:] == [
        "     because you asked for 'a dark thriller with rain with rain with"
        " rain with rain ...' (0.60)",
        "     because of Fargo (0.20); other events (0.10)",
        "     because many people like it (0.10)",
    ]


def test_history_whose_events_are_not_told_is_a_reason_all_the_same():
    item = _item("c", shares=KindShares(history=0.7, popularity=0.3))
    slate = Slate(items=[item], model_version=1)
    assert describe_slate(slate, Query(item_ids=["a"]), TITLES)[1:] == [
        "     because of what you did (0.70)",
        "     because many people like it (0.30)",
    ]


def test_item_without_reasons_claims_none():
    slate = Slate(items=[_item("c")], model_version=1)
    assert len(describe_slate(slate, Query(), TITLES)) == 1


def test_empty_slate_says_so():
    slate = Slate(items=[], model_version=1)
    assert describe_slate(slate, Query(), TITLES) == [
        "no item is left to recommend"
    ]


def test_history_shows_the_newest_events_first():
    lines = describe_history(["a", "a", "a", "a", "b", "c"], TITLES)
    assert lines[1:3] == ["    Alien", "    Fargo"]
    assert lines[-1] == "    ... and 1 more"


def test_one_event_is_counted_in_the_singular():
    assert describe_history(["a"], TITLES)[0] == (
        "history, newest first (1 event):"
    )


def test_empty_history_says_so():
    assert describe_history([], TITLES) == ["history: empty"]


@pytest.fixture
def pushed(recommender_model, tmp_path):
    """A run that pushed a small model under the name `bookshop`."""
    version_path = tmp_path / "serving" / "bookshop" / "7"
    version_path.parent.mkdir(parents=True)
    version_path.symlink_to(recommender_model)
    folder = RunFolder(tmp_path)
    pipeline = build_push_pipeline(folder, version_path)
    execute(pipeline, folder, "one", lambda _: None)
    return folder


def test_server_is_asked_for_the_model_by_the_name_it_was_pushed_under(
    pushed,
):
    from serving.model_server.server import ModelServer

    base_path = pushed.root / "serving" / "bookshop"
    with (
        ModelServer("bookshop", base_path) as server,
        open_client(pushed, f"localhost:{server.port}") as client,
    ):
        assert client.status()[0].version == 7


def test_embedded_server_is_gone_afterwards(pushed):
    with open_client(pushed, None) as client:
        assert client.status()[0].state == "AVAILABLE"
    with pytest.raises(ConnectionError):
        client_after = type(client)(client._address, timeout=2)
        client_after.status()


@pytest.mark.e2e
@pytest.mark.timeout(1200)
class TestOnAFinishedRun:
    """What the command prints of a trained and pushed model."""

    @pytest.fixture
    def ask(self, finished_run, finished_server, capsys):
        """Asks the server that runs: to load the model takes seconds."""

        def run(*arguments, address=f"localhost:{finished_server.port}"):
            where = ["--root", str(finished_run.root), "--address", address]
            code = cli.main(["recommend", *where, "-k", "3", *arguments])
            captured = capsys.readouterr()
            return code, captured.out + captured.err

        return run

    def test_user_gets_titles_with_reasons(self, ask):
        code, text = ask("--user", "u0")
        assert code == cli.EXIT_OK
        assert "history, newest first" in text
        assert "  3. the " in text
        assert "because of the " in text

    def test_title_as_a_need_comes_first(self, ask):
        code, text = ask("--need", "the dog 37")
        assert code == cli.EXIT_OK
        assert "  1. the dog 37 " in text
        assert "was not understood" not in text

    def test_typed_title_gets_others_than_itself(self, ask):
        code, text = ask("--history", "The Night 0", "--need", "crime")
        assert code == cli.EXIT_OK
        slate = text.partition("  1. ")[2]
        assert "the night 0  (score" not in slate

    def test_empty_history_gets_an_answer(self, ask):
        code, text = ask("--history", "")
        assert code == cli.EXIT_OK
        assert "history: empty" in text
        assert "  3. the " in text

    def test_unknown_title_lists_close_ones(self, ask):
        code, text = ask("--history", "Zzyzx the night")
        assert code == cli.EXIT_ERROR
        assert "the night" in text.splitlines()[-1]

    def test_unknown_user_is_an_error(self, ask):
        code, text = ask("--user", "nobody")
        assert code == cli.EXIT_ERROR
        assert "'nobody'" in text.splitlines()[-1]

    def test_address_where_nobody_listens_is_an_error(self, ask):
        code, text = ask("--history", "", address="localhost:1")
        assert code == cli.EXIT_ERROR
        assert "localhost:1" in text.splitlines()[-1]


def test_need_that_was_not_understood_is_said_first():
    slate = Slate(items=[_item("c")], model_version=1, is_need_read=False)
    lines = describe_slate(slate, Query(need="太空科幻"), TITLES)
    assert lines[0] == "The need was not understood: 太空科幻"
    assert len(lines) == 2
