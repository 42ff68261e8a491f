"""What is refused is left out, and what names nothing is told."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.commands.need_obedience import obey_need
from schemas.artifact_files import PUSHED_CATALOG_FILE
from serving.query import Constraints
from serving.query import Query


@pytest.fixture
def model_path(tmp_path):
    table = pa.table(
        {
            "item_id": ["a", "b", "c"],
            "title": ["Heat (1995)", "Alien (1979)", "Emma (1996)"],
            "categories": [["Drama", "Crime"], ["Horror"], ["Drama"]],
        }
    )
    path = tmp_path / PUSHED_CATALOG_FILE
    path.parent.mkdir()
    pq.write_table(table, path)
    return tmp_path


def test_refused_category_is_left_out_beside_what_was(model_path):
    asked = obey_need(
        Query(need="anything but drama"),
        Constraints(excluded_item_ids=["b", "c"]),
        model_path,
    )
    assert asked.query.need == ""
    assert sorted(asked.constraints.excluded_item_ids) == ["a", "b", "c"]
    assert asked.unmet == ()


def test_what_is_wanted_stays(model_path):
    asked = obey_need(Query(need="horror, no drama"), Constraints(), model_path)
    assert asked.query.need == "horror"
    assert sorted(asked.constraints.excluded_item_ids) == ["a", "c"]


def test_refusal_that_names_nothing_is_told(model_path):
    asked = obey_need(Query(need="no zebras"), Constraints(), model_path)
    assert asked.unmet == ("zebras",)
    assert list(asked.constraints.excluded_item_ids) == []


def test_query_without_a_need_reads_no_catalogue(tmp_path):
    query, constraints = Query(item_ids=["a"]), Constraints()
    asked = obey_need(query, constraints, tmp_path)
    assert (asked.query, asked.constraints) == (query, constraints)
