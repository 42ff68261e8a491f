"""How many people ask is counted, and one alone decides nothing."""

import math

import numpy as np
import pytest
from tensorflow_model_analysis.metrics import metric_types

from components.evaluator.user_metric import UserCount
from schemas import events
from tests.components.evaluator.conftest import judge


@pytest.fixture
def combiner():
    (computation,) = UserCount().computations(output_names=["candidate"])
    return computation.combiner


def _add(combiner, queries):
    """Adds users, each with whether a slate could have shown the item."""
    total = combiner.create_accumulator()
    for user, candidate in queries:
        inputs = metric_types.StandardMetricInputs(
            {
                "predictions": {"candidate": np.array([candidate])},
                "features": {events.USER_ID: np.array([user.encode()])},
            }
        )
        total = combiner.add_input(total, inputs)
    return total


def _read(combiner, *parts):
    found = combiner.extract_output(combiner.merge_accumulators(parts))
    ((key, value),) = found.items()
    assert key.name == "num_users"
    return value


def test_user_counts_once_and_only_with_an_item_that_a_slate_could_show(
    combiner,
):
    first = _add(combiner, [("u1", 1.0), ("u2", 1.0), ("u1", 1.0)])
    second = _add(combiner, [("u2", 1.0), ("u3", 0.0), ("u4", 1.0)])
    assert _read(combiner, first, second) == 3.0


def test_queries_that_no_slate_could_answer_have_no_user(combiner):
    assert _read(combiner, _add(combiner, [("u1", 0.0)])) == 0.0


def test_no_query_gives_no_number(combiner):
    assert math.isnan(_read(combiner, combiner.create_accumulator()))


def test_count_ends_at_ten_thousand_in_each_worker_and_in_total(combiner):
    many = _add(combiner, ((f"u{n}", 1.0) for n in range(10_003)))
    assert len(many[0]) == 10_000
    parts = [
        _add(combiner, ((f"{part}{n}", 1.0) for n in range(6_000)))
        for part in ("a", "b")
    ]
    assert _read(combiner, parts[0]) == 6_000.0
    assert _read(combiner, *parts) == 10_000.0


def test_queries_of_one_person_are_refused(evaluate, good, write_queries):
    answered = [(1, "u", True)] * 200
    # The items that these people met next are in no slate.
    missed = [(61, f"other{user}", False) for user in range(50)]
    examples = write_queries(answered + missed)
    is_blessed, missed, metrics = judge(evaluate, good, examples)
    assert (is_blessed, missed) == (False, {"num_users"})
    assert metrics["num_users"] == 1.0
