from serving.gateway.experiments.arm_comparison import ArmComparison
from serving.gateway.experiments.arm_report import ArmReport
from serving.gateway.experiments.effect import Effect
from serving.gateway.experiments.off_policy.off_policy import OffPolicyEstimate
from serving.gateway.experiments.off_policy.off_policy import PolicyValue
from serving.gateway.experiments.off_policy.off_policy_report import (
    OffPolicyReport,
)
from serving.gateway.experiments.preference import Preference
from serving.gateway.experiments.report import ExperimentReport
from serving.gateway.experiments.report_text import render_off_policy_report
from serving.gateway.experiments.report_text import render_report
from serving.gateway.experiments.sample_ratio import SampleRatio

EFFECT = Effect(
    value=0.05,
    always_valid_interval=(0.01, 0.09),
    always_valid_p=0.0123,
    fixed_interval=(0.02, 0.08),
    fixed_p=0.00456,
)


def make_arm(name, comparison=None, preference=None):
    return ArmReport(
        name=name,
        num_users=900,
        num_slates=1000,
        num_successes=200,
        success_rate=0.2,
        fallback_share=0.015,
        comparison=comparison,
        fallback_comparison=None,
        preference=preference,
    )


def make_report(*arms, **fields):
    return ExperimentReport(
        **{
            "experiment": "blend",
            "created_at": 1.0,
            "has_ended": False,
            "arms": arms,
            "sample_ratio": SampleRatio(p_value=0.5, is_mismatched=False),
            "num_users_in_several_arms": 0,
            "num_unreadable_lines": 0,
            "num_unmatched_successes": 0,
            "conclusion": "new is better.",
        }
        | fields
    )


def test_table_has_a_line_an_arm():
    comparison = ArmComparison(
        difference=EFFECT, lift=0.25, lift_interval=(0.05, 0.45)
    )
    text = render_report(
        make_report(make_arm("old"), make_arm("new", comparison))
    )
    lines = text.splitlines()
    assert lines[0] == "Experiment blend"
    assert lines[3].split() == [
        *("old", "900", "1000", "200", "0.2000", "-", "-", "-", "-", "1.5%")
    ]
    assert lines[4].split() == [
        *("new", "900", "1000", "200", "0.2000", "+25.0%", "+5.0%", "to"),
        *("+45.0%", "0.012", "0.0046", "1.5%"),
    ]
    assert len({len(line) for line in lines[2:5]}) == 1
    assert "Sample ratio: fine (p 0.5)." in lines
    assert "new is better." in lines


def test_fixed_p_value_is_labelled_as_right_at_one_look_only():
    text = render_report(make_report(make_arm("old")))
    assert "fixed p*" in text
    assert "* right only if looked at once" in text


def test_arm_without_a_lift_keeps_its_p_value():
    comparison = ArmComparison(difference=EFFECT, lift=None, lift_interval=None)
    text = render_report(make_report(make_arm("new", comparison)))
    assert text.splitlines()[3].split()[4:] == [
        *("0.2000", "-", "-", "0.012", "0.0046", "1.5%")
    ]


def test_what_is_wrong_is_told():
    text = render_report(
        make_report(
            sample_ratio=SampleRatio(p_value=1e-9, is_mismatched=True),
            num_users_in_several_arms=3,
            num_unreadable_lines=4,
            num_unmatched_successes=5,
        )
    )
    assert "Sample ratio: OFF (p <0.0001)." in text
    assert "Users in several arms, left out: 3." in text
    assert "Lines that hold no record: 4." in text
    assert "Successes without a slate: 5." in text


def test_interleaved_rankings_have_a_line():
    preference = Preference(
        policy="fixed",
        rival="learnt",
        num_slates=700,
        win_share=0.61,
        margin=EFFECT,
    )
    text = render_report(make_report(make_arm("mixed", None, preference)))
    assert "learnt won 61.0% of 700 slates against fixed" in text


def test_report_without_users_is_its_conclusion():
    text = render_report(make_report(sample_ratio=None, conclusion="No slate."))
    assert "No slate." in text
    assert "Sample ratio" not in text


def test_off_policy_estimates_have_a_line_each():
    value = PolicyValue(value=0.2, low=0.1, high=0.3)
    report = OffPolicyReport(
        scenario=None,
        estimate=OffPolicyEstimate(
            num_slates=4000,
            num_users=900,
            effective_sample_size=123.4,
            mean_weight=1.01,
            max_weight=20.0,
            logged=value,
            ips=value,
            self_normalised=value,
            doubly_robust=value,
            gain=PolicyValue(value=0.02, low=-0.01, high=0.05),
        ),
        num_unreadable_lines=2,
        num_unmatched_successes=0,
        conclusion="The logs cannot tell.",
    )
    lines = render_off_policy_report(report).splitlines()
    assert lines[1].split() == [
        *("logged", "policy", "0.2000", "0.1000", "to", "0.3000")
    ]
    assert lines[5].split()[-4:] == ["0.0200", "-0.0100", "to", "0.0500"]
    assert any("as much as 123 of the new policy's own" in x for x in lines)
    assert "Lines that hold no record: 2." in lines
    assert lines[-1] == "The logs cannot tell."
