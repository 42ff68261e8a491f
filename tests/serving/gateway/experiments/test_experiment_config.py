import pytest
from pydantic import TypeAdapter
from pydantic import ValidationError

from serving.gateway.experiments.experiment_config import ArmConfig
from serving.gateway.experiments.experiment_config import ExperimentConfig


def make_experiment(**fields):
    arms = {"old": ArmConfig(share=0.5), "new": ArmConfig(share=0.5)}
    return ExperimentConfig(
        **{"name": "blend", "salt": "s", "arms": arms} | fields
    )


def test_yaml_values_become_arms():
    experiment = TypeAdapter(ExperimentConfig).validate_python(
        {
            "name": "blend",
            "salt": "s",
            "arms": {
                "old": {"share": 0.9},
                "new": {"share": 0.1, "policy": "learnt"},
            },
        }
    )
    assert list(experiment.arms) == ["old", "new"]
    assert experiment.arms["new"].policy == "learnt"


def test_shares_that_do_not_sum_to_1_are_refused_with_their_sum():
    arms = {"old": ArmConfig(share=0.5), "new": ArmConfig(share=0.4)}
    with pytest.raises(ValidationError, match=r"0\.5 \+ 0\.4 = 0\.9\."):
        make_experiment(arms=arms)


def test_ten_shares_of_a_tenth_sum_to_1():
    # 0.1 added ten times is 0.9999999999999999.
    arms = {f"arm{i}": ArmConfig(share=0.1) for i in range(10)}
    assert len(make_experiment(arms=arms).arms) == 10


def test_misspelt_setting_is_refused_by_name():
    with pytest.raises(ValidationError, match="trafic"):
        make_experiment(trafic=0.5)


@pytest.mark.parametrize("policy", [None, "fixed"])
def test_interleaving_needs_a_second_policy(policy):
    with pytest.raises(
        ValidationError, match=f"policy={policy}, interleave_with=fixed"
    ):
        ArmConfig(share=1.0, policy=policy, interleave_with="fixed")


def test_experiment_without_scenarios_is_open_in_all():
    assert make_experiment().is_open("home", now=1.0)


def test_experiment_is_closed_in_other_scenarios():
    experiment = make_experiment(scenarios=("home",))
    assert experiment.is_open("home", now=1.0)
    assert not experiment.is_open("", now=1.0)


def test_experiment_closes_at_its_end():
    experiment = make_experiment(ends_at=10.0)
    assert experiment.is_open("", now=9.9)
    assert not experiment.is_open("", now=10.0)
