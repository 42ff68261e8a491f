import contextlib

import pytest

from serving.gateway.behavior.state.sqlite_popularity import SqlitePopularity
from serving.gateway.behavior.state.sqlite_schema import open_database
from serving.gateway.behavior.state.state_limits import StateLimits
from serving.gateway.records.event import Event


@pytest.fixture
def database(tmp_path):
    with contextlib.closing(open_database(tmp_path / "s.db")) as database:
        yield database


def make_events(*item_ids):
    return [
        Event(event_id=f"{n}", user_id="u", item_id=item_id, timestamp=0)
        for n, item_id in enumerate(item_ids)
    ]


def test_events_of_one_batch_and_of_several_count_alike(database):
    popularity = SqlitePopularity(StateLimits())
    popularity.count(database, make_events("a", "b", "a"))
    popularity.count(database, make_events("a"))

    def query(sql, *parameters):
        return database.execute(sql, parameters).fetchall()

    counts = popularity.read(query, "", 0.0)
    assert counts == pytest.approx({"a": 3, "b": 1})


def test_table_stays_within_its_bound_and_the_events_between_two_looks(
    database,
):
    popularity = SqlitePopularity(StateLimits(popular_items=10))
    largest = 0
    for first in range(0, 3000, 100):
        popularity.count(
            database, make_events(*(f"{first + n}" for n in range(100)))
        )
        (held,) = database.execute("SELECT count(*) FROM popularity").fetchone()
        largest = max(largest, held)
    assert largest <= 10 + 1000
