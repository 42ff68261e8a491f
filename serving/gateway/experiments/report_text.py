"""Reports of experiments as text for a terminal."""

from serving.gateway.experiments.off_policy.off_policy_report import (
    OffPolicyReport,
)
from serving.gateway.experiments.report import ExperimentReport

_ABSENT = "-"
_LEAST_P = 0.0001  # smaller values are shown as this
_FOOTNOTE = (
    "* right only if looked at once, at an end that was planned; the others "
    "at any time."
)


def render_report(report: ExperimentReport) -> str:
    """Returns a table of the arms, the checks and the conclusion."""
    header = (
        "arm",
        "users",
        "slates",
        "successes",
        "rate",
        "lift",
        "always-valid interval",
        "always-valid p",
        "fixed p*",
        "no model",
    )
    lines = [f"Experiment {report.experiment}", ""]
    if report.arms:
        lines += _align([header, *(_render_arm(arm) for arm in report.arms)])
        lines.append("")
    lines += [
        _render_preference(arm.preference)
        for arm in report.arms
        if arm.preference is not None
    ]
    lines += _render_checks(report)
    lines += ["", report.conclusion, "", _FOOTNOTE]
    return "\n".join(lines)


def render_off_policy_report(report: OffPolicyReport) -> str:
    """Returns a table of the estimates and the conclusion."""
    estimate = report.estimate
    rows = [("successes per slate", "estimate", "95% interval")]
    rows += [
        (name, f"{value.value:.4f}", f"{value.low:.4f} to {value.high:.4f}")
        for name, value in (
            ("logged policy", estimate.logged),
            ("new policy, IPS", estimate.ips),
            ("new policy, self-normalised IPS", estimate.self_normalised),
            ("new policy, doubly robust", estimate.doubly_robust),
            ("gain, doubly robust", estimate.gain),
        )
    ]
    return "\n".join(
        [
            *_align(rows),
            "",
            f"{estimate.num_slates} slates of {estimate.num_users} users; "
            "they tell as much as "
            f"{estimate.effective_sample_size:.0f} of the new policy's own. "
            f"Mean weight {estimate.mean_weight:.3f}.",
            *_render_losses(report),
            "",
            report.conclusion,
        ]
    )


def _render_arm(arm) -> tuple[str, ...]:
    counts = (
        arm.name,
        str(arm.num_users),
        str(arm.num_slates),
        str(arm.num_successes),
        f"{arm.success_rate:.4f}",
    )
    fallbacks = f"{arm.fallback_share:.1%}"
    comparison = arm.comparison
    if comparison is None:
        return (*counts, *[_ABSENT] * 4, fallbacks)
    lift = interval = _ABSENT
    if comparison.lift is not None:
        low, high = comparison.lift_interval
        lift = f"{comparison.lift:+.1%}"
        interval = f"{low:+.1%} to {high:+.1%}"
    return (
        *counts,
        lift,
        interval,
        _render_p(comparison.difference.always_valid_p),
        _render_p(comparison.difference.fixed_p),
        fallbacks,
    )


def _render_preference(preference) -> str:
    return (
        f"Interleaved: {preference.rival} won {preference.win_share:.1%} of "
        f"{preference.num_slates} slates against {preference.policy} "
        f"(always-valid p {_render_p(preference.margin.always_valid_p)}, "
        f"fixed p* {_render_p(preference.margin.fixed_p)})."
    )


def _render_checks(report) -> list[str]:
    lines = []
    if report.sample_ratio is not None:
        verdict = "OFF" if report.sample_ratio.is_mismatched else "fine"
        lines.append(
            f"Sample ratio: {verdict} (p "
            f"{_render_p(report.sample_ratio.p_value)})."
        )
    if report.num_users_in_several_arms:
        lines.append(
            "Users in several arms, left out: "
            f"{report.num_users_in_several_arms}."
        )
    return lines + _render_losses(report)


def _render_losses(report) -> list[str]:
    losses = (
        ("Lines that hold no record", report.num_unreadable_lines),
        ("Successes without a slate", report.num_unmatched_successes),
    )
    return [f"{name}: {number}." for name, number in losses if number]


def _render_p(p_value) -> str:
    return f"{p_value:.2g}" if p_value >= _LEAST_P else f"<{_LEAST_P}"


def _align(rows) -> list[str]:
    """Pads cells: the first column to the right, the others to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(
                zip(row, widths, strict=True)
            )
        ).rstrip()
        for row in rows
    ]
