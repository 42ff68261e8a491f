"""The simulation of a model that changes tells blends apart."""

import json

import pytest

from benchmarks.gateway import model_changes


@pytest.fixture(scope="module")
def figures():
    return model_changes.run_simulation(200, 2, ["same"])


def test_every_share_has_its_figures(figures):
    for parts in figures["changes"].values():
        for policies in parts.values():
            assert set(policies) == {"1", "0.75", "0.5", "0.25", "0", "fixed"}
            assert policies["0"] == {"gain": 0.0, "se": 0.0}


def test_nothing_is_better_than_all_where_only_a_number_changes(figures):
    # A version that is the same takes nothing of what was learnt with it.
    first = figures["changes"]["same"]["first"]
    assert first["1"]["gain"] > 0.0 > first["fixed"]["gain"]


def test_figures_come_as_text_and_json(capsys):
    model_changes.main(["--slates", "4", "--seeds", "2", "--json"])
    *lines, last = capsys.readouterr().out.splitlines()
    assert len(lines) == 6 * 2 * 6
    assert json.loads(last)["num_slates"] == 4
