"""What `tastemaker experiment` prints."""

import dataclasses
import json
import time
from collections.abc import Sequence
from pathlib import Path

from serving.gateway.experiments.off_policy.off_policy_report import LinearBlend
from serving.gateway.experiments.off_policy.off_policy_report import (
    build_off_policy_report,
)
from serving.gateway.experiments.report import build_report
from serving.gateway.experiments.report_text import render_off_policy_report
from serving.gateway.experiments.report_text import render_report
from serving.gateway.experiments.success_rule import SuccessRule
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.ranking.features import FEATURE_NAMES

_SUCCESS = ("click", "cart", "purchase", "listen")  # and likes


def report_experiment(
    config: GatewayConfig,
    name: str,
    success: Sequence[str] | None,
    as_json: bool,
) -> str:
    """Compares the arms of an experiment by the gateway's log.

    Args:
        config: names the experiment and the log.
        name: of the experiment.
        success: feedback that counts, see `SuccessRule.parse`; None = the usual
            positive feedback.
        as_json: one JSON object in place of a table.

    Raises:
        LookupError: the configuration has no such experiment.
        ValueError: a success rule is malformed.
        FileNotFoundError: the log holds no slates.
    """
    found = {one.name: one for one in config.experiments}
    if name not in found:
        raise LookupError(
            "`NAME` must be an experiment of the configuration: "
            f"{', '.join(found) or 'it has none'}. Received: {name!r}."
        )
    report = build_report(
        found[name],
        _list_folders(Path(config.storage.log)),
        build_success_rule(config, success),
        time.time(),
    )
    if as_json:
        return json.dumps(dataclasses.asdict(report), indent=2)
    return render_report(report)


def build_success_rule(
    config: GatewayConfig, success: Sequence[str] | None
) -> SuccessRule:
    """Says which feedback counts.

    Args:
        config: of the gateway; its scale says which ratings are likes.
        success: as of `report_experiment`.

    Raises:
        ValueError: a success is malformed.
    """
    if success:
        return SuccessRule.parse(success)
    return SuccessRule(
        {
            **dict.fromkeys(_SUCCESS),
            "rate": config.rating_scale.positive_value,
        }
    )


def estimate_blend(
    config: GatewayConfig,
    weights: str,
    scenario: str | None,
    success: Sequence[str] | None,
    as_json: bool,
) -> str:
    """Estimates from the log what a blend would achieve.

    Args:
        config: names the log.
        weights: `name=number,...`.
        scenario: slates that count; None = all.
        success: as of `report_experiment`.
        as_json: one JSON object in place of a table.

    Raises:
        ValueError: weights are malformed, or the log cannot tell.
        FileNotFoundError: the log holds no slates.
    """
    report = build_off_policy_report(
        _list_folders(Path(config.storage.log)),
        build_success_rule(config, success),
        LinearBlend(_parse_weights(weights)),
        scenario,
    )
    if as_json:
        return json.dumps(dataclasses.asdict(report), indent=2)
    return render_off_policy_report(report)


def _list_folders(log: Path) -> list[Path]:
    """The newest span, which holds the whole window, and the live log."""
    spans = sorted(
        log.glob("span-*"), key=lambda path: int(path.name.split("-")[1])
    )
    return [*spans[-1:], log / "live"]


def _parse_weights(text: str) -> dict[str, float]:
    weights = {}
    for part in text.split(","):
        name, separator, number = part.partition("=")
        try:
            weights[name.strip()] = float(number)
        except ValueError:
            separator = ""
        if not separator or name.strip() not in FEATURE_NAMES:
            raise ValueError(
                "`--weights` must be NAME=NUMBER,... of "
                f"{', '.join(FEATURE_NAMES)}. Received: {part!r}."
            )
    return weights
