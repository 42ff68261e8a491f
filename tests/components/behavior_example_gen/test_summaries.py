import numpy as np
import pyarrow as pa

from components.behavior_example_gen import histories
from components.behavior_example_gen import summaries
from components.behavior_example_gen.config import DatasetConfig
from schemas import events as names
from schemas.event_facts import EventFacts


def _summary(items, split, max_queries=10, kinds=None, values=None, users=None):
    table = pa.table(
        {
            names.USER_ID: ["u"] * len(items),
            names.ITEM_ID: list(items),
            histories.USER_CODE: users or [0] * len(items),
            names.TIMESTAMP: np.arange(len(items)),
            names.EVENT_TYPE: pa.array(kinds or [0] * len(items), pa.int8()),
            names.VALUE: pa.array(values or [None] * len(items), pa.float32()),
            names.POSITIVE: [item == "a" for item in items],
            histories.SPLIT: pa.array(split, pa.int8()),
        }
    )
    return summaries.summarise(table, max_queries)


def _merge(*parts, max_queries=10):
    combine = summaries.MergeSummaries(max_queries)
    total = combine.create_accumulator()
    for part in parts:
        total = combine.add_input(total, part)
    return combine.extract_output(total)


def test_only_train_events_make_an_item_popular():
    merged = _merge(_summary("ab", [0, 2]), _summary("ca", [0, 0]))
    popularity = summaries.Popularity(merged)
    # a 2 of 3 train events: the head; c the last third; b has none.
    found = popularity.buckets(pa.array(["a", "b", "c"])).to_pylist()
    assert found == ["head", "unseen", "tail"]
    assert merged.num_events.tolist() == [3, 0, 1]


def test_smallest_draws_of_all_partitions_are_drawn():
    parts = [_summary("abcd", [1] * 4, 2), _summary("efgh", [1] * 4, 2)]
    merged = _merge(*parts, max_queries=2)
    everything = np.sort(np.concatenate([part.draws[0] for part in parts]))
    assert merged.draws[0].tolist() == everything[:2].tolist()
    assert summaries.last_draw(merged.draws[0], 8) == everything[1]


def test_all_are_drawn_where_there_is_room():
    merged = _merge(_summary("ab", [1, 1]))
    assert summaries.last_draw(merged.draws[0], 2) == 2**64 - 1


def test_nothing_sums_up_to_nothing():
    assert _merge() is None


def test_range_of_ratings_is_that_of_all_partitions():
    rate, listen = map(names.EVENT_TYPES.index, ("rate", "listen"))
    first = _summary(
        "abc", [0] * 3, kinds=[rate, rate, listen], values=[2.0, None, 300.0]
    )
    second = _summary("ab", [0, 2], kinds=[rate] * 2, values=[0.5, 4.0])
    nothing = _summary("a", [0])
    assert _merge(first, nothing, second).ratings == (0.5, 4.0)
    assert _merge(nothing, _summary("b", [0])).ratings is None


def _dataset(**events) -> DatasetConfig:
    columns = {"user_id": "u", "item_id": "i"} | events.pop("columns", {})
    items = {"path": "i.csv", "columns": {"item_id": "i", "title": "t"}}
    events = {"path": "e.csv", "default_event_type": "view"} | events
    return DatasetConfig(events={**events, "columns": columns}, items=items)


def test_events_users_and_span_are_those_of_all_partitions_and_splits():
    # Seconds count from 0 in each: the longer one ends at 2.
    first = _summary("abc", [0, 1, 2], users=[0, 0, 1])
    merged = _merge(first, _summary("ab", [0, 2], users=[0, 0]))
    dataset = _dataset(columns={"timestamp": "t"})
    assert merged.to_facts(dataset) == EventFacts(
        num_events=5,
        num_users=3,
        first=0,
        last=2,
        num_by_split={"train": 2, "eval": 1, "test": 2},
        num_positive=2,  # those on item a
    )


def test_events_without_times_have_no_span():
    facts = _summary("ab", [0, 2]).to_facts(_dataset(order="file"))
    assert (facts.first, facts.last, facts.order) == (None, None, "file")


def test_repeats_and_unknown_users_add_up():
    first, second = _summary("ab", [0, 2]), _summary("a", [0])
    first.num_repeats, second.num_repeats = 2, 3
    first.num_of_unknown_users = 1
    merged = _merge(first, second)
    assert (merged.num_repeats, merged.num_of_unknown_users) == (5, 1)
