"""Queries without files, for what ranks and counts."""

from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from components.window_examples.reader import decode_windows
from pipeline.report.diagnostics.recorded_behavior import RecordedQueries


def build_queries(
    histories: Sequence[Sequence[int]],
    targets: Sequence[int],
    num_items: int,
    features: Sequence[Mapping[str, object]] = (),
) -> RecordedQueries:
    """Builds queries whose histories are all that was met before."""
    records = [
        _build_example(one).SerializeToString()
        for one in features or [{}] * len(targets)
    ]
    return RecordedQueries(
        records=records,
        windows=decode_windows(records),
        histories=[np.array(one, np.int64) for one in histories],
        met=[np.unique(np.array(one, np.int64)) for one in histories],
        targets=np.array(targets, np.int64),
        is_positive=np.ones(len(targets), bool),
        num_items=num_items,
        step=1,
    )


def _build_example(features: Mapping[str, object]) -> tf.train.Example:
    example = tf.train.Example()
    for name, value in features.items():
        feature = example.features.feature[name]
        if isinstance(value, str):
            feature.bytes_list.value.append(value.encode())
        elif isinstance(value, int):
            feature.int64_list.value.append(value)
        elif isinstance(value, list):
            feature.bytes_list.value.extend(text.encode() for text in value)
    return example
