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
from benchmarks.blend.held_out import compute_key
from benchmarks.blend.held_out import load_scores
from benchmarks.quality.datasets import take_part
from benchmarks.quality.protocols import PROTOCOLS
from benchmarks.quality.trained_pipeline import build_config
from benchmarks.quality.trained_pipeline import write_dataset
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
    config = dataclasses.replace(config, objective="touch")
    # The made-up people walk in circles: they meet their targets again.
    inputs = dataclasses.replace(training_inputs, repeats=True)
    stages = Stages(inputs, test, config, "key")
    root = tmp_path_factory.mktemp("scores")
    tried = [{"co_occurrence_l2": 200.0}, {"max_items": 0}]
    fitted = {}
    first, _ = try_seed(root, stages, 5, tried, fitted)
    again, users = try_seed(root, stages, 5, tried, {})
    alone, _ = try_seed(root, stages, None, [], fitted)
    return first, again, users, root, alone


def test_scores_that_are_kept_answer_as_those_just_made(found):
    first, again, users, root, _ = found
    assert sorted(path.name for path in root.iterdir()) == [
        "eval-key-5.npz",
        "test-key-5.npz",
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


@pytest.mark.parametrize("repeats", [False, True])
def test_what_was_met_competes_where_people_repeat(
    repeats, training_inputs, world, tiny_config, tmp_path
):
    shutil.copy(world.examples / "test.gz", tmp_path)
    inputs = dataclasses.replace(training_inputs, repeats=repeats)
    config = dataclasses.replace(tiny_config, objective="touch")
    stages = Stages(inputs, tmp_path, config, "key")
    ndcg, _ = try_seed(tmp_path, stages, None, [], {})
    # Everybody has met what comes next: where nobody repeats, all miss it.
    assert (ndcg["weights: none: all ones"].mean() > 0.6) == repeats


def test_kept_scores_of_other_data_or_settings_have_another_key(
    small_dataset, tmp_path
):
    def make(dataset, protocol, **changes):
        experiment = dataclasses.replace(hold_out(protocol, dataset), **changes)
        write_dataset(tmp_path, experiment)
        config = build_config(tmp_path, experiment)
        return compute_key(tmp_path, config, [tmp_path / "1", tmp_path / "2"])

    keys = [
        make(small_dataset, "leave_last"),
        make(small_dataset, "next_item"),
        make(take_part(small_dataset, 20, 20), "leave_last"),
        make(small_dataset, "leave_last", seed=99),
    ]
    assert len(set(keys)) == 4
    assert make(small_dataset, "leave_last") == keys[0]


def test_scores_kept_under_another_key_are_not_read(
    training_inputs, tiny_config, tmp_path
):
    def keep(key, num_queries):
        numbers = np.arange(num_queries)
        arrays = dict.fromkeys(HeldOut.__annotations__, numbers)
        for split in ("eval", "test"):
            np.savez(tmp_path / f"{split}-{key}-5.npz", **arrays)

    keep("one", 1)
    keep("two", 2)
    stages = Stages(training_inputs, tmp_path, tiny_config, "two")
    kept, _ = load_scores(tmp_path, stages, None, None, 5)
    assert len(kept.label) == 2


def test_leads_are_those_on_the_first_row():
    found = [
        {"a": np.array([0.0, 0.0]), "b": np.array([1.0, 0.5])},
        {"a": np.array([0.0, 0.0]), "b": np.array([0.0, 0.5])},
    ]
    _, first, second = format_rows(found, np.array([1, 2]))
    assert "+0.0000 ±0.0000" in first
    # Means over the seeds are 0.5 and 0.5: no spread between the users.
    assert "0.5000 ±0.0000    +0.5000 ±0.0000  +0.7500 +0.2500" in second


def test_queries_come_in_batches():
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
