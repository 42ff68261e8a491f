"""Chooses the windows that become examples, whole arrays at a time."""

import numpy as np

from components.behavior_example_gen import histories
from components.window_examples.writer import WindowPlan


def plan_train(
    bounds: np.ndarray, split: np.ndarray, max_window: int
) -> WindowPlan:
    """Covers each train event once as a target.

    The first example of a user takes max_window events and a label, all
    targets. Each further one starts half a window later; repeated events are
    context, so that every target has half a window of history.

    Args:
        bounds: first row of each user, and the end of all; int64 `[U + 1]`.
        split: int8 `[events]`, ascending within each user.
        max_window: L.
    """
    is_train = np.append(0, np.cumsum(split == histories.TRAIN))
    num_train = is_train[bounds[1:]] - is_train[bounds[:-1]]
    first = bounds[:-1][num_train > 0]
    num_train = num_train[num_train > 0]
    stride = (max_window + 2) // 2
    beyond = np.maximum(num_train - 1 - max_window, 0)
    repeats = 1 + -(-beyond // stride)
    user = np.repeat(np.arange(len(first)), repeats)
    nth = np.arange(len(user)) - np.repeat(
        np.cumsum(repeats) - repeats, repeats
    )
    last = first[user] + num_train[user] - 1
    label = np.minimum(first[user] + max_window + nth * stride, last)
    begin = np.maximum(label - max_window, first[user])
    next_target = first[user] + max_window + (nth - 1) * stride + 1
    num_context = np.where(nth == 0, 0, next_target - begin)
    return WindowPlan(first[user], begin, begin, label, num_context)


def plan_queries(
    bounds: np.ndarray,
    rows: np.ndarray,
    max_window: int,
    max_older: int,
) -> WindowPlan:
    """Makes one example of each given event, all its window context."""
    first = bounds[np.searchsorted(bounds, rows, side="right") - 1]
    begin = np.maximum(rows - max_window, first)
    older = np.maximum(begin - max_older, first)
    return WindowPlan(first, older, begin, rows, rows - begin)
