"""What TFMA hands to our metrics, and how it asks for them."""

from collections.abc import Callable
from collections.abc import Iterable

import apache_beam as beam
import numpy as np
from tensorflow_model_analysis.constants import BASELINE_KEY
from tensorflow_model_analysis.metrics import metric_types
from tensorflow_model_analysis.utils import util


def find_output(
    inputs: metric_types.StandardMetricInputs, model_name: str, output: str
) -> np.ndarray | None:
    """Finds what one model answers to one example.

    Args:
        inputs: of one example.
        model_name: TFMA's; "" where there is no baseline.
        output: name of the model's output.

    Returns:
        float `[V]`. None where the baseline lacks the output: one that was
        pushed before this output existed must not stop the evaluation.

    Raises:
        ValueError: the candidate lacks the output.
    """
    prediction = inputs.prediction
    if model_name:
        prediction = util.get_by_keys(prediction, [model_name])
    values = util.get_by_keys(
        prediction, [output], optional=model_name == BASELINE_KEY
    )
    return None if values is None else values.reshape(-1)


def build_computations(
    default_output: str,
    build_combiner: Callable[[metric_types.MetricKey], beam.CombineFn],
    features: Iterable[str],
    name: str,
    model_names: list[str] | None = None,
    output_names: list[str] | None = None,
) -> metric_types.MetricComputations:
    """Makes one combiner a model and output, as TFMA asks for.

    TFMA passes the last three by name: a metric binds the others in order with
    `functools.partial`.

    Args:
        default_output: the model's output where TFMA names none.
        build_combiner: makes the combiner that returns the key's value.
        features: of the example, which combiners read beside the outputs.
        name: of the metric.
        model_names: TFMA's; several where there is a baseline.
        output_names: TFMA's.

    Returns:
        What TFMA runs. Combiners get all outputs of all models.
    """
    wanted = {"predictions": {}}
    if features:
        wanted["features"] = {feature: {} for feature in features}
    keys = [
        metric_types.MetricKey(
            name=name,
            model_name=model_name,
            output_name=output_name,
            example_weighted=False,
        )
        for model_name in model_names or [""]
        for output_name in output_names or [default_output]
    ]
    return [
        metric_types.MetricComputation(
            keys=[key],
            preprocessors=[
                metric_types.StandardMetricInputsPreprocessor(
                    include_filter=wanted, include_default_inputs=False
                )
            ],
            combiner=build_combiner(key),
        )
        for key in keys
    ]
