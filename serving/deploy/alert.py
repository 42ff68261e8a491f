"""One alert of Prometheus."""


def build_alert(
    name: str, expression: str, urgency: tuple[str, str], description: str
) -> dict:
    """Builds an alerting rule.

    Args:
        name: of the alert.
        expression: PromQL; whatever it returns is an alert.
        urgency: how long it must hold, as `5m`, and `page` or `ticket`.
        description: what it means, and where to look.
    """
    duration, severity = urgency
    return {
        "alert": name,
        "expr": expression,
        "for": duration,
        "labels": {"severity": severity},
        "annotations": {"description": description},
    }
