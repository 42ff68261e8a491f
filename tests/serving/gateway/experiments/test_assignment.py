import dataclasses
from collections import Counter

from scipy import stats

from serving.gateway.experiments.assignment import assign
from serving.gateway.experiments.experiment_config import ArmConfig
from serving.gateway.experiments.experiment_config import ExperimentConfig

USERS = [f"user{i}" for i in range(20_000)]


def make_experiment(name="blend", salt="s", shares=(0.5, 0.5), **fields):
    arms = {f"arm{i}": ArmConfig(share=s) for i, s in enumerate(shares)}
    return ExperimentConfig(name=name, salt=salt, arms=arms, **fields)


def test_users_spread_over_arms_by_their_shares():
    shares = (0.6, 0.3, 0.1)
    experiment = make_experiment(shares=shares)
    counts = Counter(assign(experiment, user) for user in USERS)
    observed = [counts[f"arm{i}"] for i in range(3)]
    expected = [share * len(USERS) for share in shares]
    assert stats.chisquare(observed, expected).pvalue > 0.01


def test_users_enter_by_traffic():
    experiment = make_experiment(traffic=0.2)
    inside = sum(assign(experiment, user) is not None for user in USERS)
    assert stats.binomtest(inside, len(USERS), 0.2).pvalue > 0.01


def test_two_experiments_are_independent():
    one, other = make_experiment("one"), make_experiment("other")
    table = [[0, 0], [0, 0]]
    for user in USERS:
        row, column = assign(one, user), assign(other, user)
        table[row == "arm1"][column == "arm1"] += 1
    assert stats.chi2_contingency(table).pvalue > 0.01


def test_arm_is_independent_of_whether_a_user_came_in_early():
    small = make_experiment(traffic=0.3)
    large = dataclasses.replace(small, traffic=1.0)
    table = [[0, 0], [0, 0]]
    for user in USERS:
        table[assign(small, user) is None][assign(large, user) == "arm1"] += 1
    assert stats.chi2_contingency(table).pvalue > 0.01


def test_growing_traffic_moves_nobody_between_arms():
    small = make_experiment(traffic=0.3, shares=(0.7, 0.3))
    large = dataclasses.replace(small, traffic=0.8)
    before = {user: assign(small, user) for user in USERS}
    moved = [
        user
        for user, arm in before.items()
        if arm is not None and assign(large, user) != arm
    ]
    assert moved == []


def test_salt_mixes_users_again():
    one, other = make_experiment(salt="1"), make_experiment(salt="2")
    same = sum(assign(one, user) == assign(other, user) for user in USERS)
    assert stats.binomtest(same, len(USERS), 0.5).pvalue > 0.01


def test_assignment_is_the_same_in_every_process_and_release():
    # `printf '["blend", "s", "user0"]' | b2sum -l 128` for user0 to user3
    # prints 9945ede8d45b1a2e33051d65b6eae6d1, 55f0f23baf103736fd0e7043cffffb42,
    # 9e9c1ba760a365bcd43e5d399801464a, f8d57ea26489df0812b5053a0f251d2e. The
    # second halves begin with 33, fd, d4, 12 in place of 80 for one half.
    experiment = make_experiment()
    assert [assign(experiment, user) for user in USERS[:4]] == [
        "arm0",
        "arm1",
        "arm1",
        "arm0",
    ]


def test_separators_in_names_do_not_make_two_experiments_one():
    one = make_experiment(name='a", "b', salt="c")
    other = make_experiment(name="a", salt='b", "c')
    same = sum(assign(one, user) == assign(other, user) for user in USERS)
    assert stats.binomtest(same, len(USERS), 0.5).pvalue > 0.01


def test_user_id_may_be_any_text():
    assert assign(make_experiment(), "\ud800\0é") in ("arm0", "arm1")


def test_whole_share_is_reached_although_shares_round_below_1():
    # 0.1 added ten times is 0.9999999999999999: all draws must have an arm.
    experiment = make_experiment(shares=(0.1,) * 10)
    assert {assign(experiment, user) for user in USERS[:1000]} == {
        f"arm{i}" for i in range(10)
    }
