"""Transformed examples as padded batches of catalogue rows."""

from collections.abc import Mapping
from collections.abc import Sequence

import tensorflow as tf

from schemas import events
from trainer import preprocessing
from trainer.inputs.dislikes import DislikeRule
from trainer.inputs.dislikes import find_dislikes
from trainer.inputs.dislikes import find_liked

_SHUFFLE_BUFFER = 20_000  # windows; a few kB each
_NUM_USERS = 2**62  # so many that no two users share a number


class RowLookup(tf.Module):
    """Turns item ids into rows of the catalogue; N = not in it."""

    def __init__(self, item_ids: Sequence[str]):
        """Builds the table from the catalogue's ids, in its order."""
        super().__init__(name="row_lookup")
        self.num_items = len(item_ids)
        self._table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant(list(item_ids), tf.string),
                tf.range(self.num_items, dtype=tf.int32),
                key_dtype=tf.string,
                value_dtype=tf.int32,
            ),
            default_value=self.num_items,
        )

    def __call__(self, item_ids: tf.Tensor) -> tf.Tensor:
        """Looks up a dense string tensor of any shape; int32, same shape."""
        return self._table.lookup(item_ids)


def to_batch(
    features: Mapping[str, tf.RaggedTensor | tf.Tensor],
    rows: RowLookup,
    dislikes: DislikeRule | None = None,
) -> dict[str, tf.Tensor]:
    """Pads transformed features to what `Recommender` reads.

    Args:
        features: output of `preprocessing_fn` for B examples.
        rows: the catalogue's look-up.
        dislikes: which events are `disliked`, which `liked`; None = none and
            all.

    Returns:
        `rows`, `event_type`, `gap`, `scenario` int32; `value`, `has_value`,
        `positive` float32; `timestamp` int64; `mask`, `is_target`,
        `disliked`, `liked` bool, all `[B, S]` with the label as last event of
        its row; `older_rows` int32 `[B, X]`; `profile` int32 `[B, P]`, 0 =
        padding; `user` int64 `[B, 1]`, the same for all windows of a user.
        Padding rows are N.
    """
    item_id = features[events.ITEM_ID]
    lengths = tf.cast(item_id.row_lengths(), tf.int32)
    # A batch of zero examples is one event wide, like the emptiest example.
    width = tf.reduce_max(tf.concat([lengths, [1]], axis=0))
    position = tf.range(width)
    mask = position[tf.newaxis] < lengths[:, tf.newaxis]
    shape = tf.stack([-1, width])
    context = tf.cast(features[events.NUM_CONTEXT], tf.int32)

    def dense(name, dtype):
        return tf.cast(features[name].to_tensor(shape=shape), dtype)

    batch = {
        "rows": _pad_rows(item_id, rows, shape),
        "event_type": dense(events.EVENT_TYPE, tf.int32),
        "gap": dense(preprocessing.GAP, tf.int32),
        "scenario": dense(events.SCENARIO, tf.int32),
        "value": dense(events.VALUE, tf.float32),
        "has_value": dense(preprocessing.HAS_VALUE, tf.float32),
        "positive": dense(events.POSITIVE, tf.float32),
        "timestamp": dense(events.TIMESTAMP, tf.int64),
        "mask": mask,
        "is_target": mask & (position[tf.newaxis] >= context),
        "older_rows": _pad_rows(features[events.OLDER_ITEM_ID], rows),
        "profile": tf.cast(
            (features[events.PROFILE] + 1).to_tensor(), tf.int32
        ),
        "user": tf.strings.to_hash_bucket_fast(
            features[events.USER_ID], _NUM_USERS
        ),
    }
    return batch | {
        "disliked": find_dislikes(batch, dislikes),
        "liked": find_liked(batch, dislikes),
    }


def find_last(mask: tf.Tensor) -> tf.Tensor:
    """Finds the place of the last event of each row; int32 `[B]`."""
    return tf.reduce_sum(tf.cast(mask, tf.int32), axis=1) - 1


def _pad_rows(item_ids, rows, shape=None):
    """Looks ids up and pads with N; int32 `[B, S]`."""
    found = item_ids.with_flat_values(rows(item_ids.flat_values))
    return found.to_tensor(rows.num_items, shape=shape)


def load_windows(
    paths: Sequence[str],
    feature_spec: Mapping[str, tf.io.RaggedFeature | tf.io.FixedLenFeature],
    rows: RowLookup,
    batch_size: int,
    shuffle_seed: int | None = None,
    dislikes: DislikeRule | None = None,
) -> tf.data.Dataset:
    """Reads a split of transformed examples, as a stream.

    Args:
        paths: gzip TFRecord files.
        feature_spec: of the transformed features.
        rows: the catalogue's look-up.
        batch_size: windows a batch.
        shuffle_seed: shuffles again each epoch when given.
        dislikes: as of `to_batch`.

    Returns:
        Batches as of `to_batch`.
    """
    dataset = tf.data.TFRecordDataset(sorted(paths), compression_type="GZIP")
    if shuffle_seed is not None:
        dataset = dataset.shuffle(_SHUFFLE_BUFFER, seed=shuffle_seed)

    def parse(serialized):
        features = tf.io.parse_example(serialized, dict(feature_spec))
        return to_batch(features, rows, dislikes)

    return (
        dataset.batch(batch_size)
        .map(parse, num_parallel_calls=2)
        .prefetch(tf.data.AUTOTUNE)
    )
