"""What is refused is left out, what is named comes first."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.commands.need_obedience import obey_need
from pipeline.commands.need_obedience import put_named_first
from schemas.artifact_files import PUSHED_CATALOG_FILE
from schemas.model_facts import ModelFacts
from schemas.model_facts import write_model_facts
from serving.query import Constraints
from serving.query import Query
from serving.query import Slate
from serving.query import SlateItem


def _push(version_path, item_ids, titles, categories):
    """Writes the catalogue of a version; returns the version's folder."""
    table = pa.table(
        {"item_id": item_ids, "title": titles, "categories": categories}
    )
    path = version_path / PUSHED_CATALOG_FILE
    path.parent.mkdir()
    pq.write_table(table, path)
    return version_path


@pytest.fixture
def model_path(tmp_path):
    return _push(
        tmp_path,
        ["a", "b", "c"],
        ["Heat (1995)", "Alien (1979)", "Emma (1996)"],
        [["Drama", "Crime"], ["Horror"], ["Drama"]],
    )


def test_refused_category_is_left_out_beside_what_was(model_path):
    asked = obey_need(
        Query(need="anything but drama"),
        Constraints(excluded_item_ids=["b", "c"]),
        model_path,
    )
    assert asked.query.need == ""
    assert sorted(asked.constraints.excluded_item_ids) == ["a", "b", "c"]
    assert asked.describe_unmet() == []


def test_what_is_wanted_stays(model_path):
    asked = obey_need(Query(need="horror, no drama"), Constraints(), model_path)
    assert asked.query.need == "horror"
    assert sorted(asked.constraints.excluded_item_ids) == ["a", "c"]


def test_other_words_for_a_category_are_those_of_the_version(model_path):
    facts = ModelFacts(repeats=False, category_words={"Horror": ["scary"]})
    write_model_facts(facts, model_path)
    asked = obey_need(Query(need="nothing scary"), Constraints(), model_path)
    assert list(asked.constraints.excluded_item_ids) == ["b"]
    assert asked.describe_unmet() == []


def test_refusal_that_names_nothing_is_told(model_path):
    asked = obey_need(Query(need="no zebras"), Constraints(), model_path)
    assert asked.describe_unmet() == [
        "Not left out, as nothing here is called so: zebras"
    ]
    assert list(asked.constraints.excluded_item_ids) == []


def test_refusal_of_too_many_items_is_told_as_that(tmp_path):
    number = 20_001  # need_reading.py leaves out 20,000 at most
    names = [f"m{n}" for n in range(number)]
    path = _push(tmp_path, names, names, [["Drama"]] * number)
    asked = obey_need(Query(need="no drama, no zebras"), Constraints(), path)
    assert asked.describe_unmet() == [
        "Not left out, as nothing here is called so: zebras",
        "Not left out, as more than 20,000 items are: drama",
    ]
    assert list(asked.constraints.excluded_item_ids) == []


def test_title_as_a_need_names_what_a_slate_may_show(model_path):
    def name(query, **constraints):
        asked = obey_need(query, Constraints(**constraints), model_path)
        return asked.named_item_ids

    assert name(Query(need="alien")) == ("b",)
    assert name(Query(need="something quiet")) == ()
    assert name(Query(need="alien"), excluded_item_ids=["b"]) == ()
    met = Query(need="alien", item_ids=["b"])
    assert name(met) == ()
    assert name(met, exclude_history=False) == ("b",)


def test_named_item_comes_first_and_the_need_is_understood():
    def build(item_id, reasons=()):
        return SlateItem(
            item_id=item_id,
            score=0.0,
            probability=None,
            rating=None,
            reasons=reasons,
        )

    slate = Slate(
        items=[build("a"), build("b"), build("c", [(0, 0.5)])],
        model_version=1,
        is_need_read=False,
    )
    told = put_named_first(slate, [build("c"), build("d")], 3)
    assert [one.item_id for one in told.items] == ["c", "d", "a"]
    assert told.items[0].reasons == [(0, 0.5)]
    assert told.is_need_read


def test_query_without_a_need_reads_no_catalogue(tmp_path):
    query, constraints = Query(item_ids=["a"]), Constraints()
    asked = obey_need(query, constraints, tmp_path)
    assert (asked.query, asked.constraints) == (query, constraints)
