"""TFMA metrics of the shares of head, middle, tail and unseen items.

The model returns the share of each popularity bucket in the first ten items of
its slate, so the metrics are means over examples.
"""

import numpy as np
from tensorflow_model_analysis.metrics import metric_types

from components.evaluator.mean_metric import build_mean_computations
from schemas.events import ITEM_BUCKETS

EXPOSURE_OUTPUT = "exposure"


def _build_computations(
    name: str,
    bucket: str,
    model_names: list[str] | None = None,  # TFMA passes what is named so
    output_names: list[str] | None = None,
) -> metric_types.MetricComputations:
    """Averages one bucket's share."""
    place = ITEM_BUCKETS.index(bucket)

    def read_share(shares: np.ndarray) -> float:
        share = float(shares[place])
        if not 0.0 <= share <= 1.0:
            raise ValueError(
                f"the model's `{EXPOSURE_OUTPUT}` must lie between 0 and 1."
                f" Received: {share}. Check serving_default for NaN."
            )
        return share

    return build_mean_computations(
        name, EXPOSURE_OUTPUT, read_share, model_names, output_names
    )


class ExposureShare(metric_types.Metric):
    """Share of the slates' places that go to items of one bucket."""

    def __init__(self, bucket: str, name: str | None = None):
        super().__init__(
            _build_computations,
            name=name or f"exposure_{bucket}",
            bucket=bucket,
        )
