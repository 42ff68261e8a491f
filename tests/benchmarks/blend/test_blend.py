"""Settings of the blend are tried on what nobody learnt or will judge."""

import dataclasses
import shutil

import numpy as np
import pytest

from benchmarks.blend.__main__ import format_rows
from benchmarks.blend.__main__ import hold_out
from benchmarks.blend.__main__ import try_seed
from benchmarks.blend.held_out import HeldOut
from benchmarks.blend.held_out import Stages
from benchmarks.quality.protocols import PROTOCOLS
from tests.trainer.conftest import with_optimizer


def _count(data):
    pairs = zip(data.users.tolist(), data.items.tolist(), strict=True)
    return set(pairs)


@pytest.mark.parametrize("protocol", ["leave_last", "next_item"])
def test_the_test_part_is_neither_learnt_nor_asked(protocol, small_dataset):
    experiment = hold_out(protocol, small_dataset)
    train, _ = PROTOCOLS[protocol].split(small_dataset.interactions)
    assert _count(experiment.events) == _count(train)
    assert _count(experiment.train) < _count(train)


@pytest.fixture(scope="module")
def found(training_inputs, world, tiny_config, tmp_path_factory):
    """Figures of a seed, asked for twice, and the folder with the scores."""
    test = tmp_path_factory.mktemp("test")
    shutil.copy(world.examples / "test.gz", test)
    config = with_optimizer(tiny_config, max_epochs=4, refit_epochs=1)
    # The made-up people walk in circles: they meet their targets again.
    inputs = dataclasses.replace(training_inputs, repeats=True)
    stages = Stages(inputs, test, config)
    root = tmp_path_factory.mktemp("scores")
    tried = [{"co_occurrence_l2": 200.0}, {"max_items": 0}]
    first, _ = try_seed(root, stages, 5, tried)
    again, users = try_seed(root, stages, 5, tried)
    alone, _ = try_seed(root, stages, None, [])
    return first, again, users, root, alone


def test_scores_that_are_kept_answer_as_those_just_made(found):
    first, again, users, root, _ = found
    assert sorted(path.name for path in root.iterdir()) == [
        "eval-5.npz",
        "test-5.npz",
    ]
    assert len(np.unique(users)) == 48  # one query for each of the made-up
    for name, ndcg in first.items():
        np.testing.assert_array_equal(ndcg, again[name])


def test_settings_decide_what_is_found(found):
    ndcg = found[0]
    rows = list(ndcg)
    # The default setting is that of the first row.
    default = ndcg['{"co_occurrence_l2": 200.0}']
    np.testing.assert_array_equal(ndcg[rows[0]], default)
    without = ndcg['{"max_items": 0}']
    assert not np.array_equal(without, default)
    assert all(0.0 <= one.mean() <= 1.0 for one in ndcg.values())


def test_linear_models_can_be_tried_without_towers(found):
    first, alone = found[0], found[4]
    even = "weights: none: all ones"
    assert not np.array_equal(first[even], alone[even])
    # Everybody walks in a circle: what follows what says it all.
    assert alone[even].mean() > 0.6


def test_leads_are_those_on_the_first_row():
    found = [
        {"a": np.array([0.0, 0.0]), "b": np.array([1.0, 0.5])},
        {"a": np.array([0.0, 0.0]), "b": np.array([0.0, 0.5])},
    ]
    _, first, second = format_rows(found, np.array([1, 2]))
    assert "+0.0000 ±0.0000" in first
    # Means over the seeds are 0.5 and 0.5: no spread between the users.
    assert "0.5000 ±0.0000    +0.5000 ±0.0000  +0.7500 +0.2500" in second


def test_queries_come_in_batches_and_can_be_chosen():
    queries = np.arange(130)
    scored = HeldOut(
        tower=np.zeros((130, 3), np.float32),
        label=queries,
        rows=np.zeros((130, 2), np.int32),
        met=np.zeros((130, 2), np.int32),
        user=queries,
    )
    sizes = [len(batch["label"]) for batch in scored.iterate_batches()]
    assert sizes == [128, 2]
    assert scored.select(queries > 127).label.tolist() == [128, 129]
