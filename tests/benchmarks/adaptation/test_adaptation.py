"""Adaptation benchmark: fair splits, known answers, honest verdicts."""

import numpy as np
import pytest

from benchmarks.adaptation.__main__ import compare_gains
from benchmarks.adaptation.__main__ import judge_lora
from benchmarks.adaptation.__main__ import main
from benchmarks.adaptation.run import MeanText
from benchmarks.adaptation.run import shorten
from benchmarks.adaptation.run import split
from benchmarks.adaptation.towers import build_batches
from benchmarks.adaptation.towers import rank_last_items
from benchmarks.quality.interactions import build_interactions
from benchmarks.quality.ranking_protocol import recommend


@pytest.fixture(scope="module")
def interactions():
    """40 users walk through 20 items in a circle, 12 steps each."""
    users = np.repeat(np.arange(40), 12)
    steps = np.tile(np.arange(12), 40)
    return build_interactions(users, (users + steps) % 20, steps)


def _result(method, ndcg, size=100):
    return {
        "method": method,
        "cold_items_ndcg_at_10": ndcg,
        "trainable_parameters": size,
    }


@pytest.mark.parametrize("is_validation", [False, True])
def test_pairs_are_made_of_no_held_out_item_and_nobodys_last(
    interactions, is_validation
):
    task = split(interactions, is_validation)
    assert len(task.cold) == 3
    for draw in task.cold:
        assert not draw.is_candidate[task.pairs_from.items].any()
    lasts = dict(zip(task.last.users, task.last.targets, strict=True))
    for user, item in lasts.items():
        seen = task.pairs_from.items[task.pairs_from.users == user]
        assert item not in seen  # nobody meets an item twice here


def test_validation_never_looks_at_the_items_of_the_test(interactions):
    tests = [draw.is_candidate for draw in split(interactions, False).cold]
    test_items = np.any(tests, axis=0)
    # 10% of 20, then of 18, then of 17 items, rounded down.
    assert test_items.sum() == 2 + 1 + 1
    task = split(interactions, True)
    for draw in task.cold:
        assert not (draw.is_candidate & test_items).any()
        assert not test_items[draw.history].any()
    assert not test_items[task.train.items].any()


def test_long_history_keeps_its_end(interactions):
    cold = split(interactions, False).cold[0]
    short = shorten(cold)
    for query in range(len(cold)):
        expected = cold.get_history(query)[-50:]
        np.testing.assert_array_equal(short.get_history(query), expected)
        np.testing.assert_array_equal(
            short.get_targets(query), cold.get_targets(query)
        )


def test_item_like_the_history_comes_first(interactions):
    cold = split(interactions, False).cold[0]
    angles = np.linspace(0.0, 2.0 * np.pi, 20, endpoint=False)
    vectors = np.stack([np.cos(angles), np.sin(angles)], 1)
    slates = recommend(MeanText(vectors.astype(np.float32)), cold)
    # Two of 20 items are held out; whoever walked on one side of the circle
    # is recommended the nearer one.
    items = np.flatnonzero(cold.is_candidate)
    assert len(items) == 2
    for query, slate in enumerate(slates):
        mean = vectors[cold.get_history(query)].mean(axis=0)
        if np.linalg.norm(mean) > 0.1:
            assert slate[0] == items[np.argmax(vectors[items] @ mean)]


def test_gain_is_what_is_added_to_frozen():
    results = [
        _result("frozen", 0.10),
        _result("full", 0.20, 1000),
        _result("lora", 0.196, 20),
    ]
    # (0.196 - 0.1) / (0.2 - 0.1) = 96%, and 20 / 1000 = 2%.
    assert compare_gains(results)["lora"] == pytest.approx(0.96)
    assert judge_lora(results).startswith("LoRA: 96%")
    assert judge_lora(results).endswith("less than 3%: reached.")


def test_bar_is_missed_by_too_little_gain_or_too_many_parameters():
    base = [_result("frozen", 0.10), _result("full", 0.20, 1000)]
    for lora in (_result("lora", 0.19, 20), _result("lora", 0.2, 40)):
        assert judge_lora([*base, lora]).endswith("not reached.")


def test_no_gain_of_full_means_no_shares():
    results = [_result("frozen", 0.2), _result("full", 0.2)]
    assert compare_gains(results) == {}
    assert judge_lora(results) == ""


def test_unknown_method_is_named(capsys):
    with pytest.raises(SystemExit):
        main(["--methods", "frozen,magic"])
    assert "Received: magic" in capsys.readouterr().err


def test_batches_end_with_the_label_and_pad_with_no_item():
    batch = build_batches([np.array([3, 4])], 9, [np.array([1])])
    assert batch["rows"][0, :3].tolist() == [3, 4, 9]
    assert batch["mask"].sum() == 2
    assert batch["older_rows"].tolist() == [[1]]
    assert batch["profile"].tolist() == [[0]]


def test_towers_learn_who_follows_whom(interactions):
    task = split(interactions, False)
    vectors = np.eye(20, dtype=np.float32)
    gains = rank_last_items(vectors, task.train, task.last, num_epochs=15)
    assert gains.shape == (40,)
    # By chance among the 9 items that nobody's window holds, about 0.5.
    assert gains.mean() > 0.7
