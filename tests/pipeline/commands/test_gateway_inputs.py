import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.commands.gateway_inputs import iterate_events
from pipeline.commands.gateway_inputs import write_catalogue
from pipeline.commands.recommendation import find_examples
from pipeline.commands.recommendation import find_newest_version
from serving.gateway.slates.catalogue import read_catalogue
from tests.pipeline.conftest import NUM_EVENTS
from tests.pipeline.conftest import NUM_ITEMS
from tests.pipeline.conftest import NUM_USERS


def test_gateway_reads_the_catalogue_that_was_pushed(finished_run, tmp_path):
    path = tmp_path / "new" / "items.jsonl"
    count = write_catalogue(find_newest_version(finished_run), path)
    items = {item.item_id: item for item in read_catalogue(path)}
    assert count == len(items) == NUM_ITEMS
    assert items["m04"].title == "the house 4"
    assert items["m04"].categories == ("Horror",)


def test_what_is_not_known_of_an_item_is_left_out(tmp_path):
    catalog = tmp_path / "version" / "assets.extra" / "catalog.parquet"
    catalog.parent.mkdir(parents=True)
    columns = {
        "item_id": ["é"],
        "title": ["Été"],
        "description": [""],
        "categories": [["x"]],
        "price": pa.array([None], pa.float32()),
    }
    pq.write_table(pa.table(columns), catalog)
    write_catalogue(tmp_path / "version", tmp_path / "items.jsonl")
    assert json.loads((tmp_path / "items.jsonl").read_text()) == {
        "item_id": "é",
        "title": "Été",
        "description": "",
        "categories": ["x"],
    }


def test_version_without_a_catalogue_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="version"):
        write_catalogue(tmp_path / "version", tmp_path / "items.jsonl")


def test_events_of_a_run_come_back_once_each(finished_run, shop):
    events = list(iterate_events(find_examples(finished_run)))
    assert len(events) == NUM_USERS * NUM_EVENTS
    assert len({event.event_id for event in events}) == len(events)
    rows = (shop.folder / "ratings.csv").read_text().splitlines()[1:]
    assert {
        f"{e.user_id},{e.item_id},{e.value},{int(e.timestamp)}" for e in events
    } == set(rows)
