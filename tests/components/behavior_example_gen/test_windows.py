import numpy as np
import pytest

from components.behavior_example_gen import windows


def _targets(plan: windows.WindowPlan) -> list[int]:
    found = []
    for begin, label, context in zip(
        plan.begin, plan.label, plan.num_context, strict=True
    ):
        found += range(begin + context, label + 1)
    return found


@pytest.mark.parametrize("max_window", [1, 2, 3, 4, 7, 50])
@pytest.mark.parametrize("lengths", [[1], [2], [5, 1, 9], [200, 3, 51, 52]])
def test_every_train_event_is_a_target_exactly_once(max_window, lengths):
    bounds = np.append(0, np.cumsum(lengths))
    plan = windows.plan_train(bounds, np.zeros(bounds[-1], np.int8), max_window)
    assert _targets(plan) == list(range(bounds[-1]))
    assert (plan.label - plan.begin).max() <= max_window
    assert (plan.num_context >= 0).all()


def test_target_of_a_long_user_sees_at_least_half_a_window():
    bounds = np.array([0, 1000])
    plan = windows.plan_train(bounds, np.zeros(1000, np.int8), 50)
    assert plan.num_context[0] == 0
    assert plan.num_context[1:].min() >= 25


def test_train_windows_stop_where_eval_begins():
    split = np.array([0, 0, 1, 2, 1, 0], np.int8)  # users of 4, 1, 1 events
    plan = windows.plan_train(np.array([0, 4, 5, 6]), split, 50)
    assert plan.label.tolist() == [1, 5]


def test_windows_never_reach_into_the_user_before():
    plan = windows.plan_queries(np.array([0, 3, 6]), np.array([2, 3, 5]), 2, 9)
    assert plan.first.tolist() == [0, 3, 3]
    assert plan.begin.tolist() == [0, 3, 3]
    assert plan.num_context.tolist() == [2, 0, 2]


def test_older_items_end_where_the_window_begins():
    plan = windows.plan_queries(np.array([0, 10]), np.array([9]), 3, 4)
    assert (plan.older[0], plan.begin[0], plan.label[0]) == (2, 6, 9)
