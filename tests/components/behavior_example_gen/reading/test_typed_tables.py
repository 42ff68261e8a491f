import numpy as np
import pyarrow as pa

from components.behavior_example_gen.config import EventsConfig
from components.behavior_example_gen.config import ItemsConfig
from components.behavior_example_gen.config import UsersConfig
from components.behavior_example_gen.reading import typed_tables
from components.behavior_example_gen.reading.raw_batch import RawBatch
from schemas import events as names

_COLUMNS = {
    "user_id": "u",
    "item_id": "i",
    "timestamp": "t",
    "event_type": "k",
    "value": "v",
}


def _batch(**columns) -> RawBatch:
    arrays = {name: pa.array(values) for name, values in columns.items()}
    num_rows = len(next(iter(arrays.values())))
    return RawBatch(arrays, np.arange(2, num_rows + 2), [])


def _events(kinds, values, **config):
    batch = _batch(
        u=["u"] * len(kinds),
        i=["i"] * len(kinds),
        t=[1] * len(kinds),
        k=kinds,
        v=values,
    )
    config = EventsConfig(path="e.csv", columns=_COLUMNS, **config)
    table, check = typed_tables.to_events(batch, config, None)
    return table, check


def test_value_or_type_makes_an_event_positive():
    kinds = ["rate", "rate", "rate", "purchase", "view"]
    table, _ = _events(kinds, [4.0, 3.5, None, 0.5, None], positive_value=4)
    positive = table[names.POSITIVE].to_pylist()
    assert positive == [True, False, False, True, False]


def test_positive_types_can_be_chosen():
    table, _ = _events(
        ["view", "click"], [None, None], positive_event_types=("view",)
    )
    assert table[names.POSITIVE].to_pylist() == [True, False]


def test_default_type_stands_in_for_a_missing_one():
    table, check = _events(["view", None], [1, 2], default_event_type="listen")
    kinds = [names.EVENT_TYPES[k] for k in table[names.EVENT_TYPE].to_pylist()]
    assert kinds == ["view", "listen"]
    assert check.failures() == []


def test_counts_are_stored_as_their_logarithm_and_liked_by_their_number():
    table, check = _events(
        ["listen"] * 4, [0, 99, None, -1], value="count", positive_value=50
    )
    # log(1 + 99) is 4.60517, by any pocket calculator.
    values = table[names.VALUE].to_pylist()
    assert values[0] == 0.0
    assert abs(values[1] - 4.60517) < 1e-5
    assert values[2:] == [None, None]
    (warned,) = check.warnings()
    assert warned.reason == "negative count: value"
    table, _ = _events(["view"] * 2, [49, 50], value="count", positive_value=50)
    assert table[names.POSITIVE].to_pylist() == [False, True]


def test_what_was_shown_and_passed_over_is_a_skip():
    config = EventsConfig(
        path="e.csv",
        columns={"user_id": "u", "item_id": "i"},
        order="file",
        default_event_type="click",
        negatives="label",
    )
    batch = _batch(u=["u"] * 4, i=["i"] * 4, label=["1", "0", "0.5", None])
    table, check = typed_tables.to_events(batch, config, None)
    kinds = [names.EVENT_TYPES[k] for k in table[names.EVENT_TYPE].to_pylist()]
    assert kinds == ["click", "skip"]
    assert table[names.POSITIVE].to_pylist() == [True, False]
    assert table[names.TIMESTAMP].to_pylist() == [0, 0]
    reason = "wrong type: negatives"
    assert check.failures() == [(2, reason), (3, reason)]
    value, remedy = check.explain(reason)
    assert value == "'0.5'"
    assert "1 (it happened) or 0" in remedy


def test_missing_type_without_default_is_rejected():
    table, check = _events(["view", None], [1, 2])
    assert table.num_rows == 1
    assert check.failures() == [(1, "missing event_type")]


def test_same_key_gives_a_user_the_same_pseudonym_in_every_table():
    key = b"0123456789abcdef"
    events = EventsConfig(
        path="e.csv", columns=_COLUMNS, default_event_type="view"
    )
    batch = _batch(u=["ann"], i=["i"], t=[1], k=[None], v=[1.0])
    event, _ = typed_tables.to_events(batch, events, key)
    users = UsersConfig(path="u.csv", columns={"user_id": "u"})
    user, _ = typed_tables.to_users(_batch(u=["ann"]), users, key)
    assert event[names.USER_ID].to_pylist() == user["user_id"].to_pylist()
    assert user["user_id"].to_pylist() != ["ann"]


def test_optional_texts_are_there_only_where_mapped():
    table, _ = _events(["view"], [1.0])
    assert not {names.TEXT, names.SESSION_ID} & set(table.schema.names)
    config = EventsConfig(
        path="e.csv",
        columns=_COLUMNS | {"text": "x"},
        default_event_type="view",
    )
    batch = _batch(u=["u"], i=["i"], t=[1], k=["view"], v=[1.0], x=[None])
    table, _ = typed_tables.to_events(batch, config, None)
    assert table[names.TEXT].to_pylist() == [""]


def test_vectors_and_entity_of_items_come_where_mapped():
    config = ItemsConfig(
        path="i.parquet",
        columns={
            "item_id": "i",
            "title": "t",
            "image_vector": "p",
            "entity_id": "e",
        },
        default_scenario="books",
    )
    batch = _batch(i=[0], t=["Zero"], p=[[0.5]], e=[None])
    table, check = typed_tables.to_items(batch, config)
    assert check.failures() == []
    assert table.to_pylist() == [
        {
            "item_id": "0",
            "title": "Zero",
            "description": "",
            "categories": [],
            "price": None,
            "created_at": None,
            "scenario": "books",
            "entity_id": "",
            "image_vector": [0.5],
        }
    ]


def test_cover_is_an_address_or_none():
    config = ItemsConfig(
        path="i.csv", columns={"item_id": "i", "title": "t", "image_url": "c"}
    )
    covers = {
        "https://images.example.com/a.jpg": True,
        "/covers/a.jpg": True,
        "a.jpg": False,
        "javascript:alert(1)": False,
        "https://images.example.com/a b.jpg": False,
        "": False,
        None: False,
    }
    batch = _batch(i=[*range(len(covers))], t=["T"] * len(covers), c=[*covers])
    table, check = typed_tables.to_items(batch, config)
    assert check.failures() == []
    assert table["image_url"].to_pylist() == [
        cover if is_address else "" for cover, is_address in covers.items()
    ]


def test_attributes_are_named_by_their_use():
    config = UsersConfig(
        path="u.csv",
        columns={"user_id": "u"},
        attributes={"age": "number"},
        sensitive={"sex": "text"},
    )
    assert typed_tables.attribute_features(config) == {
        "age": ("user_attribute_age", "number"),
        "sex": ("user_sensitive_sex", "text"),
    }


def test_event_type_that_is_named_is_no_null_word():
    kinds = ["-", "view", "NA"]
    table, check = _events(kinds, [None] * 3, event_types={"-": "click"})
    assert table[names.EVENT_TYPE].to_pylist() == [
        names.EVENT_TYPES.index("click"),
        names.EVENT_TYPES.index("view"),
    ]
    assert check.failures() == [(2, "missing event_type")]
