from serving.gateway.experiments.experiment_config import ArmConfig
from serving.gateway.experiments.experiment_config import ExperimentConfig
from serving.gateway.slates.user_arms import UserArms
from serving.gateway.slates.user_arms import find_arms


def _experiment(name: str, **settings) -> ExperimentConfig:
    """One arm that everybody is in."""
    arm = ArmConfig(share=1.0, **settings)
    return ExperimentConfig(name=name, salt="s", arms={"only": arm})


def test_arms_of_several_experiments_add_up():
    experiments = [
        _experiment("model", version_label="canary"),
        _experiment("order", policy="fresh"),
    ]
    assert find_arms(experiments, "u", "", 0.0) == UserArms(
        names={"model": "only", "order": "only"},
        policy="fresh",
        version_label="canary",
    )


def test_first_experiment_counts_where_two_set_the_same():
    experiments = [_experiment("a", policy="x"), _experiment("b", policy="y")]
    assert find_arms(experiments, "u", "", 0.0).policy == "x"


def test_nobody_in_particular_is_in_no_arm():
    assert find_arms([_experiment("a")], "", "", 0.0) == UserArms()


def test_experiment_that_is_over_or_elsewhere_decides_nothing():
    arm = {"only": ArmConfig(share=1.0, policy="x")}
    over = ExperimentConfig(name="a", salt="s", arms=arm, ends_at=10.0)
    elsewhere = ExperimentConfig(
        name="b", salt="s", arms=arm, scenarios=("mail",)
    )
    assert find_arms([over, elsewhere], "u", "home", 10.0) == UserArms()
