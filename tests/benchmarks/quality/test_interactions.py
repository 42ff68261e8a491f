"""Order of events, which decides what is asked."""

import numpy as np
import pyarrow as pa

from benchmarks.quality.interactions import build_interactions
from benchmarks.quality.interactions import pad_ids
from components.behavior_example_gen.histories import sort_histories
from schemas import events as names


def test_ties_in_time_go_by_the_pipeline_s_hash():
    items = [str(number) for number in range(20)]
    table = pa.table(
        {
            names.USER_ID: ["u"] * 20,
            names.ITEM_ID: items,
            names.TIMESTAMP: [1] * 20,
            names.EVENT_TYPE: pa.array([0] * 20, pa.int8()),
            names.VALUE: pa.nulls(20, pa.float32()),
        }
    )
    ordered = sort_histories(table)[names.ITEM_ID].to_pylist()
    assert ordered != sorted(items)
    # Numbers are hashed as the text that the pipeline reads.
    for ids in (np.array(items), np.arange(20)):
        data = build_interactions(np.full(20, "u"), ids, np.ones(20))
        assert data.item_ids[data.items].tolist() == ordered


def test_ties_in_time_go_by_id_where_it_is_asked_for():
    ties = build_interactions(
        np.array(["b", "a", "a"]),
        np.array(["y", "z", "x"]),
        np.ones(3),
        ties="item_id",
    )
    assert ties.user_ids[ties.users].tolist() == ["a", "a", "b"]
    assert ties.item_ids[ties.items].tolist() == ["x", "z", "y"]
    as_number = build_interactions(
        np.array(["u", "u"]), np.array([10, 9]), np.ones(2), ties="item_id"
    )
    assert as_number.item_ids[as_number.items].tolist() == ["9", "10"]
    # Padded ids have one order, as text and as numbers.
    assert pad_ids(np.array(["10", "9"])).tolist() == ["000010", "000009"]


def test_values_follow_their_events():
    data = build_interactions(
        np.array(["b", "a"]),
        np.array(["x", "y"]),
        np.array([2, 1]),
        np.array([4.0, 3.0]),
    )
    assert data.values.tolist() == [3.0, 4.0]
    assert data.select([False, True]).values.tolist() == [4.0]
