"""Figures and slices have names and units that people read."""

import pytest

from pipeline.runs.figure_names import find_place
from pipeline.runs.figure_names import name_metric
from pipeline.runs.figure_names import name_slice
from pipeline.runs.figure_names import sort_slices
from pipeline.runs.figure_names import write_figure


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("ndcg_at_10", 0.063_96, "0.06396"),
        ("found_by_title", 1.0, "100%"),
        ("found_by_title", 0.955, "95.5%"),
        ("latency_p50", 8.22, "8.2 ms"),
        ("latency_p50", 250.0, "250 ms"),
        ("num_queries", 9997.0, "9,997"),
        ("exposure_tail", 0.2558, "25.6%"),
        ("num_queries", None, "–"),
    ],
)
def test_value_is_written_in_its_unit(metric, value, text):
    assert write_figure(metric, value) == text


@pytest.mark.parametrize(
    ("slice_name", "text"),
    [
        ("", "all queries"),
        ("history_bucket=0", "no history"),
        ("history_bucket=1-4", "history of 1-4 events"),
        ("item_bucket=tail", "the long tail"),
        ("item_bucket=other", "other"),
        ("scenario=home", "scenario=home"),
    ],
)
def test_slice_is_named_in_words(slice_name, text):
    assert name_slice(slice_name) == text


def test_what_is_not_known_keeps_its_name_and_comes_last():
    assert name_metric("my_metric") == "my_metric"
    assert find_place("liked_ndcg_at_10") < find_place("ndcg_at_10")
    assert find_place("example_count") < find_place("my_metric")


def test_slices_come_by_feature_and_in_the_order_of_their_values():
    names = ["", "history_bucket=0", "history_bucket=1-4", "history_bucket=20+"]
    names += ["item_bucket=head", "item_bucket=unseen", "scenario=a"]
    assert sort_slices(reversed(names)) == names
