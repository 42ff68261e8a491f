"""An explanation is put into words that a person understands."""

import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.commands import cli
from pipeline.commands.explanation import describe_explanation
from pipeline.commands.explanation import list_shared_attributes
from pipeline.runs.execution import execute
from pipeline.runs.run_folder import RunFolder
from serving.gateway.records.item_facts import ItemFacts
from serving.query import NO_SHARES
from serving.query import Explanation
from serving.query import KindShares
from serving.query import Query
from tests.pipeline.tiny_pipeline import build_push_pipeline
from tests.serving.tiny_recommender import CATEGORIES
from tests.serving.tiny_recommender import ITEM_IDS

FACTS = {
    "a": ItemFacts(
        item_id="a", title="The Star Ship (1995)", categories=("Space", "Drama")
    ),
    "b": ItemFacts(
        item_id="b",
        title="Star of the Night (1995)",
        categories=("Drama", "Horror"),
    ),
    "c": ItemFacts(item_id="c", title="Fargo", categories=("Crime",)),
}


def _explanation(**changes):
    fields = {
        "item_id": "a",
        "score": 5.0,
        "score_without_history": 1.5,
        "score_without_need": 5.25,
        "place": 3.0,
        "place_without_history": 1250.0,
        "place_without_need": 2.0,
        "score_drops": [3.0, -0.5],
        "history_weights": [0.75, 0.0],
        "shares": KindShares(history=0.75, need=0.05, popularity=0.2),
        "source_shares": {"id": 0.25, "text": 0.75},
    }
    return Explanation(**fields | changes)


def test_shared_are_categories_and_telling_words():
    assert list_shared_attributes(FACTS["a"], FACTS["b"]) == [
        "Drama",
        '"star"',
        '"1995"',
    ]
    assert list_shared_attributes(FACTS["a"], FACTS["c"]) == []


def test_every_part_of_the_score_is_named():
    query = Query(item_ids=["b", "c"], need="space")
    assert describe_explanation(_explanation(), query, FACTS) == [
        "The Star Ship (1995): score 5.00",
        "place 3 of all items not met yet",
        "without the history: place 1,250",
        "without the need: place 2",
        "because of, with shares of what brought it forward:",
        "    0.75  Star of the Night (1995)",
        '          both: Drama, "star", "1995"',
        "    0.20  many people like it",
        "    0.05  you asked for 'space'",
        "in spite of, with the score that each takes away:",
        "    -0.50  Fargo",
        "the item is known by: text 0.75, id 0.25",
    ]


def test_heaviest_events_come_first_and_the_rest_is_left_out():
    weights = [0.05, 0.1, 0.3, 0.15, 0.25, 0.15]
    query = Query(item_ids=["c"] * 5 + ["b"])
    lines = describe_explanation(
        _explanation(
            score_drops=weights, history_weights=weights, shares=NO_SHARES
        ),
        query,
        FACTS,
    )
    shown = [line.split()[0] for line in lines if line.startswith("    0.")]
    assert shown == ["0.30", "0.25", "0.15", "0.15", "0.10"]


def test_new_user_hears_nothing_of_a_history():
    explanation = _explanation(
        score_drops=[],
        history_weights=[],
        shares=KindShares(popularity=1.0),
    )
    lines = describe_explanation(explanation, Query(), {})
    assert lines == [
        "a: score 5.00",
        "place 3 of all items not met yet",
        "because of, with shares of what brought it forward:",
        "    1.00  many people like it",
        "the item is known by: text 0.75, id 0.25",
    ]


def test_command_starts_a_server_and_explains_an_item_of_the_pushed_version(
    recommender_model, tmp_path, capsys
):
    version_path = tmp_path / "serving" / "shop" / "7"
    shutil.copytree(recommender_model, version_path)
    catalog = pa.table(
        {
            "item_id": ITEM_IDS,
            "title": [f"Film {item_id}" for item_id in ITEM_IDS],
            "categories": [[name] for name in CATEGORIES],
        }
    )
    (version_path / "assets.extra").mkdir(exist_ok=True)
    pq.write_table(catalog, version_path / "assets.extra" / "catalog.parquet")
    folder = RunFolder(tmp_path)
    pipeline = build_push_pipeline(folder, version_path)
    execute(pipeline, folder, "one", lambda _: None)
    arguments = ["explain", "--root", str(tmp_path), "--history", ""]
    arguments += ["--item", "film i00"]
    assert cli.main(arguments) == cli.EXIT_OK
    assert capsys.readouterr().out.splitlines() == [
        # Without a history the score is the item's popularity.
        "Film i00: score 0.20",
        "place 1 of all items not met yet",
        "because of, with shares of what brought it forward:",
        "    1.00  many people like it",
        "the item is known by: id 0.75, text 0.25",
    ]


@pytest.mark.e2e
@pytest.mark.timeout(1200)
class TestOnAFinishedRun:
    """What the command prints of a trained and pushed model."""

    @pytest.fixture
    def ask(self, finished_run, finished_server, capsys):
        where = ["--root", str(finished_run.root)]
        where += ["--address", f"localhost:{finished_server.port}"]

        def run(*arguments):
            code = cli.main(["explain", *where, *arguments])
            captured = capsys.readouterr()
            return code, captured.out + captured.err

        return run

    def test_item_is_explained_by_events_and_sources(self, ask):
        code, text = ask(
            "--history",
            "The Night 0; the crime 8",
            "--item",
            "the house 4",
        )
        assert code == cli.EXIT_OK
        assert "the house 4: score " in text
        assert "without the history: place " in text
        assert "the item is known by: " in text
        # All three are horror.
        assert "both: Horror" in text

    def test_user_and_item_may_be_ids(self, ask):
        code, text = ask("--user", "u0", "--item", "m02")
        assert code == cli.EXIT_OK
        assert "the love 2: score " in text

    def test_unknown_item_is_named_with_its_option(self, ask):
        code, text = ask("--history", "", "--item", "Zzyzx night")
        assert code == cli.EXIT_ERROR
        assert "`--item` must name" in text.splitlines()[-1]
