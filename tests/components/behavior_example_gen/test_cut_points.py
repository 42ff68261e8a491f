import numpy as np

from components.behavior_example_gen import cut_points


def _cuts(batches, fractions):
    counted = cut_points.join_moments(map(cut_points.count_moments, batches))
    return cut_points.find_cuts(counted, fractions)


def test_cuts_are_exact_quantiles_over_all_workers():
    batches = [np.arange(0, 100, 2), np.arange(1, 100, 2)]
    assert _cuts(batches, (0.8, 0.1, 0.1)) == (80, 90)


def test_events_of_one_second_stay_together():
    # Half of 4 is rank 2, which is the second 7 that three events share.
    assert _cuts([np.array([1, 7, 7, 7])], (0.5, 0.25, 0.25)) == (7, 7)


def test_all_for_train_cuts_behind_the_last_event():
    assert _cuts([np.array([1, 7])], (1.0, 0.0, 0.0)) == (8, 8)


def test_millions_of_moments_stay_within_a_joined_bin():
    num_events = 1_000_000
    batches = np.split(np.arange(num_events), 4)
    first, second = _cuts(batches, (0.8, 0.1, 0.1))
    allowed = num_events / 131_072
    assert abs(first - 800_000) <= allowed
    assert abs(second - 900_000) <= allowed
