import pytest

from components.serving_validator.config import ServingValidatorConfig
from components.serving_validator.findings import Findings


@pytest.fixture
def findings():
    return Findings(ServingValidatorConfig(max_p50_ms=20.0, max_p99_ms=50.0))


def test_nothing_found_is_a_blessing(findings):
    for milliseconds in range(1, 11):
        findings.add_latency(milliseconds / 1000)
    report = findings.build_report()
    assert report["blessed"]
    assert report["reason"] == ""
    assert report["num_requests"] == 10
    # Of 1 to 10 ms: half-way between the fifth and the sixth.
    assert report["latency_ms"]["p50"] == pytest.approx(5.5)
    assert all(check["ok"] for check in report["checks"].values())


def test_slow_tail_is_refused_with_both_figures(findings):
    for milliseconds in [10] * 50 + [80] * 50:
        findings.add_latency(milliseconds / 1000)
    report = findings.build_report()
    assert not report["blessed"]
    assert report["reason"] == (
        "latency: p50 was 45.0 ms, at most 20.0 ms is allowed (and 1 more)"
    )


def test_score_difference_beyond_the_bound_is_refused(findings):
    findings.add_difference(1e-5)
    assert findings.build_report()["blessed"]
    findings.add_difference(0.25)
    report = findings.build_report()
    assert not report["blessed"]
    assert report["score_difference"] == {"largest": 0.25, "max": 1e-4}
    assert "scores differ by 0.25" in report["reason"]


def test_reason_counts_what_it_does_not_quote(findings):
    for number in range(3):
        findings.add("unseen", f"item {number}")
    assert findings.build_report()["reason"] == ("unseen: item 0 (and 2 more)")
