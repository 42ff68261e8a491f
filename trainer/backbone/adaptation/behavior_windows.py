"""Reads the windows for text pairs from transformed examples."""

from collections.abc import Iterator
from collections.abc import Sequence

import tensorflow as tf
import tensorflow_transform as tft

from schemas import events
from trainer import preprocessing
from trainer.backbone.adaptation.text_pairs import BehaviorWindow

_BATCH = 128  # examples parsed at once


def read_behavior_windows(
    paths: Sequence[str], transform: tft.TFTransformOutput
) -> Iterator[BehaviorWindow]:
    """Yields every window of a split, its label as last event.

    Args:
        paths: gzip TFRecord files of transformed examples.
        transform: the Transform stage's output.
    """
    spec = transform.transformed_feature_spec()
    scenarios = [
        name.decode()
        for name in transform.vocabulary_by_name(
            preprocessing.SCENARIO_VOCABULARY
        )
    ]
    scenarios.append("")  # the row of unknown ones
    dataset = tf.data.TFRecordDataset(sorted(paths), compression_type="GZIP")
    for records in dataset.batch(_BATCH):
        columns = tf.io.parse_example(records, spec)
        for item_ids, texts, rows in zip(
            columns[events.ITEM_ID].to_list(),
            columns[events.TEXT].to_list(),
            columns[events.SCENARIO].to_list(),
            strict=True,
        ):
            yield BehaviorWindow(
                item_ids=[one.decode() for one in item_ids],
                texts=[one.decode() for one in texts],
                scenarios=[scenarios[row] for row in rows],
            )
