import pytest

from serving.gateway.experiments.off_policy.off_policy_report import LinearBlend
from serving.gateway.experiments.off_policy.off_policy_report import (
    build_off_policy_report,
)
from serving.gateway.experiments.success_rule import SuccessRule
from tests.serving.gateway.experiments.explored_slates import simulate_slates
from tests.serving.gateway.experiments.log_writer import make_click
from tests.serving.gateway.experiments.log_writer import write_logs

CLICK = SuccessRule.parse(["click"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    slates, _, _ = simulate_slates(seed=1)
    return write_logs(
        tmp_path_factory.mktemp("logs"),
        [slate.exposure for slate in slates],
        [
            make_click(slate.exposure.slate_id, slate.exposure.user_id, item)
            for slate in slates
            for item in slate.succeeded
        ],
    )


@pytest.mark.parametrize(
    ("weight", "conclusion"),
    [(1.0, "looks better"), (-1.0, "looks worse"), (0.0, "cannot tell")],
)
def test_logs_on_disk_tell_good_policies_from_bad(folder, weight, conclusion):
    # Success rises with `model`; the logged policy goes by `popular`.
    weights = {"model": weight, "popular": float(not weight)}
    report = build_off_policy_report([folder], CLICK, LinearBlend(weights))
    assert conclusion in report.conclusion
    assert report.estimate.num_slates == 600
    assert report.num_unmatched_successes == 0


def test_logs_without_the_scenario_are_refused(folder):
    with pytest.raises(ValueError, match="Received: 0 slates"):
        build_off_policy_report([folder], CLICK, LinearBlend({}), "home")
