import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.window_examples.window import WindowEvent
from components.window_examples.writer import write_records
from pipeline.commands import gateway_inputs
from pipeline.commands.gateway import place_files
from pipeline.commands.gateway_inputs import choose_popularity_days
from pipeline.commands.gateway_inputs import fill
from pipeline.commands.gateway_inputs import read_rating_scale
from pipeline.commands.gateway_inputs import read_users
from pipeline.commands.gateway_inputs import write_catalogue
from pipeline.commands.recommendation import find_examples
from pipeline.commands.recommendation import find_served_version
from pipeline.runs.run_folder import RunFolder
from schemas.rating_scale import RatingScale
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.gateway_config import StorageConfig
from serving.gateway.records.event import Event
from serving.gateway.slates.catalogue import read_catalogue
from tests.components.window_examples.written_window import FIRST
from tests.components.window_examples.written_window import LABEL
from tests.components.window_examples.written_window import SECOND
from tests.components.window_examples.written_window import encode_record
from tests.pipeline.conftest import NUM_EVENTS
from tests.pipeline.conftest import NUM_ITEMS
from tests.pipeline.conftest import NUM_USERS


@pytest.mark.e2e
@pytest.mark.timeout(1200)
def test_gateway_reads_the_catalogue_that_was_pushed(finished_run, tmp_path):
    path = tmp_path / "new" / "items.jsonl"
    count = write_catalogue(find_served_version(finished_run), path)
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
        "image_url": ["/covers/été.jpg"],
    }
    pq.write_table(pa.table(columns), catalog)
    write_catalogue(tmp_path / "version", tmp_path / "items.jsonl")
    assert json.loads((tmp_path / "items.jsonl").read_text()) == {
        "item_id": "é",
        "title": "Été",
        "description": "",
        "categories": ["x"],
        "image_url": "/covers/été.jpg",
    }


@pytest.mark.parametrize(
    ("days", "expected"), [((0,), 7.0), ((0, 30, 69), 7.0), ((5, 905), 90.0)]
)
def test_popularity_halves_in_a_tenth_of_the_data_s_time(days, expected):
    events = [
        Event(event_id="e", user_id="u", item_id="i", timestamp=day * 86_400.0)
        for day in days
    ]
    assert choose_popularity_days(events) == expected


def test_version_without_a_catalogue_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="version"):
        write_catalogue(tmp_path / "version", tmp_path / "items.jsonl")


@pytest.mark.e2e
@pytest.mark.timeout(1200)
def test_events_of_a_run_come_back_once_each(finished_run, shop):
    events, profiles = read_users(find_examples(finished_run))
    assert len(profiles) == NUM_USERS
    assert profiles["u1"] == {"fan_of": "Comedy"}
    assert len(events) == NUM_USERS * NUM_EVENTS
    assert len({event.event_id for event in events}) == len(events)
    rows = (shop.folder / "ratings.csv").read_text().splitlines()[1:]
    assert {
        f"{e.user_id},{e.item_id},{e.value},{int(e.timestamp)}" for e in events
    } == set(rows)


def test_every_field_of_an_event_comes_back_and_so_does_the_profile(tmp_path):
    write_records(str(tmp_path), "test", "x.gz", [[encode_record()]])
    events, profiles = read_users(tmp_path)
    assert [
        WindowEvent(
            positive=one.positive,  # is told by type and value
            **{
                name: getattr(event, name)
                for name in WindowEvent._fields
                if name != "positive"
            },
        )
        for event, one in zip(events, (FIRST, SECOND, LABEL), strict=True)
    ] == [FIRST, SECOND, LABEL]
    assert profiles == {"u": {"age": "35", "taste": "a=b"}}


@pytest.mark.e2e
@pytest.mark.timeout(1200)
def test_scale_of_ratings_comes_with_the_pushed_version(finished_run):
    assert read_rating_scale(find_served_version(finished_run)) == RatingScale(
        lowest=2.0, highest=5.0, positive_value=4.0
    )


_DAY = 86_400.0
_EVENTS = [
    Event(event_id=name, user_id="a", item_id=name, timestamp=day * _DAY)
    for name, day in (("new", 1000), ("old", 800), ("first", 0))
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    profiles = {user_id: {"age": "35"} for user_id in "abc"}
    monkeypatch.setattr(gateway_inputs, "find_examples", lambda folder: None)
    monkeypatch.setattr(
        gateway_inputs, "read_users", lambda _: ([*_EVENTS], profiles)
    )
    return RunFolder(tmp_path)


def test_popularity_fades_as_the_data_of_the_run_tells(folder):
    config = GatewayConfig(catalogue="x.jsonl")
    placed = place_files(config, folder, None)
    assert placed.storage.popularity_days is None
    filled = fill(placed, folder, lambda _: None)
    assert filled.storage.popularity_days == 100.0  # a tenth of 1000 days
    # And so when it starts again.
    again = place_files(config, folder, None)
    assert again.storage == filled.storage
    with gateway_inputs._open_store(again.storage) as store:
        counts = store.read_popularity("")
    # 200 days are two half-lives.
    assert counts["new"] == pytest.approx(4 * counts["old"])
    own = GatewayConfig(storage=StorageConfig(popularity_days=3.0))
    placed = place_files(own, folder, None)
    assert placed.storage.popularity_days == 3.0
    assert placed.storage.state_limits.half_life == 3 * _DAY


def test_damaged_number_of_days_is_refused(folder):
    (folder.root / "gateway").mkdir()
    (folder.root / "gateway/popularity_days").write_text("soon")
    with pytest.raises(ValueError, match=r"number of days\. Received: 'soon'"):
        place_files(GatewayConfig(), folder, None)


def test_profiles_of_the_run_that_have_no_room_are_told_of(folder):
    small = GatewayConfig(
        catalogue="x.jsonl", storage=StorageConfig(max_profiles=2)
    )
    told = []
    fill(place_files(small, folder, None), folder, told.append)
    assert "1 of 3 users' profiles have no room" in told[1]
    assert "`storage.max_profiles`" in told[1]
