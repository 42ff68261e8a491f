"""Alerting rules about the gateway."""

from serving.deploy.alert import build_alert
from serving.deploy.pod import GATEWAY
from serving.deploy.values import DeployValues

_PREFIX = "tastemaker_gateway"
# Without probes: Kubernetes itself acts on a probe that gets a 503.
_ASKED = 'route=~"/v1/.*"'
_SLATES = 'route="/v1/recommendations"'


def build_gateway_alerts(values: DeployValues) -> list[dict]:
    """Lists the alerting rules on the gateway's metrics."""
    return [
        *_build_process_alerts(values),
        *_build_slate_alerts(values),
        *_build_log_alerts(values),
        *_build_state_alerts(),
    ]


def _build_process_alerts(values: DeployValues) -> list[dict]:
    calls = f"{_PREFIX}_requests_total"
    return [
        build_alert(
            "GatewayDown",
            f'up{{job="{GATEWAY}"}} == 0',
            ("2m", "page"),
            "{{ $labels.instance }} does not answer its metrics page. The "
            "last line of its log says what it could not open: keys, config, "
            "catalogue or the state's volume.",
        ),
        build_alert(
            "GatewayAbsent",
            f'absent(up{{job="{GATEWAY}"}})',
            ("5m", "page"),
            "No gateway is known to Prometheus at all.",
        ),
        build_alert(
            "GatewayErrors",
            f'sum(rate({calls}{{{_ASKED},status=~"5.."}}[5m])) / '
            f"sum(rate({calls}{{{_ASKED}}}[5m])) > {values.alerts.error_share}",
            ("5m", "page"),
            "{{ $value | humanizePercentage }} of the calls fail by the "
            "gateway's fault. Nearly always state or log: see `/readyz`, and "
            "whether the volume is full.",
        ),
        build_alert(
            "GatewayThreadFails",
            f"max by (thread) ({_PREFIX}_thread_failing) == 1",
            ("2m", "page"),
            "What the thread {{ $labels.thread }} does in the background "
            "fails repeatedly: the gateway is taken out of service. Its "
            "log says why.",
        ),
    ]


def _build_slate_alerts(values: DeployValues) -> list[dict]:
    alerts = values.alerts
    slates = f"{_PREFIX}_slates_total"
    p99_ms = (
        "1000 * histogram_quantile(0.99, sum by (le) (rate("
        f"{_PREFIX}_request_seconds_bucket{{{_SLATES}}}[5m])))"
    )
    return [
        build_alert(
            "GatewayWithoutModel",
            f"max({_PREFIX}_breaker_open) == 1",
            ("2m", "page"),
            "The model server does not answer the gateway, which stands in "
            "with popular items and each user's last slate.",
        ),
        build_alert(
            "GatewayStandsIn",
            f'sum(rate({slates}{{source!="model"}}[5m])) / '
            f"sum(rate({slates}[5m])) > {alerts.stand_in_share}",
            ("5m", "page"),
            "{{ $value | humanizePercentage }} of the slates are stand-ins. "
            "The model server may well answer, but with what is none: see "
            f"the reasons of `{_PREFIX}_upstream_failures_total`, such as "
            "`not_found`, `unknown_label` and `bad_answer`.",
        ),
        build_alert(
            "GatewaySlow",
            f"{p99_ms} > {alerts.gateway_latency_p99_ms:g}",
            ("10m", "page"),
            "The slowest hundredth of the slates takes {{ $value | humanize "
            "}} ms. See whether it is the model server's time, "
            f"`{_PREFIX}_upstream_seconds`.",
        ),
    ]


def _build_log_alerts(values: DeployValues) -> list[dict]:
    share = values.alerts.live_log_share
    live_bytes = share * values.gateway.storage_gib * 2**30
    return [
        build_alert(
            "GatewayLogUnsealed",
            f"{_PREFIX}_live_log_bytes > {live_bytes:.0f}",
            ("1h", "ticket"),
            "{{ $labels.instance }} has logged {{ $value | humanize1024 }}B "
            "since its last span. Nothing of it is trained on, and nothing "
            "old leaves the volume. Spans come too seldom for what is logged "
            "(`span_hours`), or cannot be closed: the gateway's log says why.",
        ),
        build_alert(
            "GatewayLosesExposures",
            f"sum(increase({_PREFIX}_exposures_lost_total[10m])) > 0",
            ("5m", "page"),
            "{{ $value | humanize }} slates of the last ten minutes are "
            "missing from the log, and from what experiments count. See "
            "whether the volume is full.",
        ),
    ]


def _build_state_alerts() -> list[dict]:
    dropped = f"{_PREFIX}_state_dropped_total"
    return [
        build_alert(
            "GatewaySpanLacksTables",
            f"{_PREFIX}_span_lacks_tables == 1",
            ("15m", "ticket"),
            "{{ $labels.instance }} closed its newest span while its state "
            "(Redis or SQLite) did not answer: items and profiles in it are "
            "those of the span before, and the next training lacks newer "
            "ones. See `/readyz`. Once the state is back, the next span has "
            "all of them: it comes by itself with `span_hours`, otherwise "
            "with `POST /v1/spans`.",
        ),
        build_alert(
            "GatewayStateFull",
            f"sum by (kind) (increase({dropped}[1h])) > 0",
            ("5m", "ticket"),
            "{{ $value | humanize }} {{ $labels.kind }} of the last hour had "
            "to leave the gateway's state for newer ones. Raise "
            "`storage.max_{{ $labels.kind }}`, and send them again.",
        ),
    ]
