from serving.deploy.alert import build_alert


def test_alert_is_a_rule_of_prometheus():
    # As of https://prometheus.io/docs/prometheus/latest/configuration/
    # alerting_rules/, with one label and one annotation of ours.
    rule = build_alert("Down", "up == 0", ("2m", "page"), "Look at the log.")
    assert rule == {
        "alert": "Down",
        "expr": "up == 0",
        "for": "2m",
        "labels": {"severity": "page"},
        "annotations": {"description": "Look at the log."},
    }
