"""TFMA metrics over what slates hold: head, middle, tail, unseen items.

The model answers with the share of each popularity bucket in the first ten
items that it would show, so that the metrics are means over examples.
"""

import math
from collections.abc import Iterable

import apache_beam as beam
from tensorflow_model_analysis.metrics import metric_types
from tensorflow_model_analysis.utils import util

from schemas.events import ITEM_BUCKETS

EXPOSURE_OUTPUT = "exposure"

Accumulator = tuple[float, int]  # sum of shares, number of examples


class _MeanShare(beam.CombineFn):
    """Averages one bucket's share under one metric key."""

    def __init__(self, key: metric_types.MetricKey, place: int):
        self._key = key
        self._place = place

    def create_accumulator(self) -> Accumulator:
        return 0.0, 0

    def add_input(
        self,
        accumulator: Accumulator,
        element: metric_types.StandardMetricInputs,
    ) -> Accumulator:
        prediction = element.prediction
        if self._key.model_name:
            prediction = util.get_by_keys(prediction, [self._key.model_name])
        # A baseline that was pushed before there was this output counts as
        # unknown: an upgrade must not stop the gate.
        shares = util.get_by_keys(
            prediction, [self._key.output_name], optional=True
        )
        if shares is None:
            return accumulator
        share = float(shares.reshape(-1)[self._place])
        if not 0.0 <= share <= 1.0:
            raise ValueError(
                f"the model's `{EXPOSURE_OUTPUT}` must lie between 0 and 1."
                f" Received: {share}. Check serving_default for NaN."
            )
        return accumulator[0] + share, accumulator[1] + 1

    def merge_accumulators(
        self, accumulators: Iterable[Accumulator]
    ) -> Accumulator:
        sums, counts = zip(*accumulators, strict=True)
        return sum(sums), sum(counts)

    def extract_output(
        self, accumulator: Accumulator
    ) -> dict[metric_types.MetricKey, float]:
        total, count = accumulator
        return {self._key: total / count if count else math.nan}


def _build_computations(
    name: str,
    bucket: str,
    model_names: list[str] | None = None,
    output_names: list[str] | None = None,
) -> metric_types.MetricComputations:
    """Makes one combiner a model and output, as TFMA asks for."""
    keys = [
        metric_types.MetricKey(
            name=name,
            model_name=model_name,
            output_name=output_name,
            example_weighted=False,
        )
        for model_name in model_names or [""]
        for output_name in output_names or [EXPOSURE_OUTPUT]
    ]
    return [
        metric_types.MetricComputation(
            keys=[key],
            preprocessors=[
                metric_types.StandardMetricInputsPreprocessor(
                    include_filter={"predictions": {}},
                    include_default_inputs=False,
                )
            ],
            combiner=_MeanShare(key, ITEM_BUCKETS.index(bucket)),
        )
        for key in keys
    ]


class ExposureShare(metric_types.Metric):
    """Share of the slates' places that go to items of one bucket."""

    def __init__(self, bucket: str, name: str | None = None):
        super().__init__(
            _build_computations,
            name=name or f"exposure_{bucket}",
            bucket=bucket,
        )
