"""The model: two towers over one item representation, and the tasks."""

import contextlib
from collections.abc import Mapping

import tensorflow as tf
import tensorflow_recommenders as tfrs

from trainer.config import TrainerConfig
from trainer.inputs.dislikes import forget_dislikes
from trainer.inputs.item_table import ItemTable
from trainer.tasks import TASKS
from trainer.tasks import Targets
from trainer.towers.candidate_tower import CandidateTower
from trainer.towers.query_tower import QueryTower
from trainer.towers.query_tower import Window

UNKNOWN_GAP = 0  # gap bucket of "the time of the request is not known"

_LEAST_PROFILES = 3  # padding, one value (made up by TFT where there is none)
# and the unknown: they tell nobody apart
_HIDDEN_PROFILES = 0.5  # of the windows: profiles may be missing


class Recommender(tfrs.Model):
    """Learns the tasks from windows of events.

    A batch (see `windows.py`) holds, beside the fields of `Window` with the
    label as last event, `is_target` bool, `positive` float32 `[B, S]`, and
    for evaluation `older_rows` int32 `[B, X]` (N = padding).

    Attributes:
        num_items: N, the size of the catalogue.
        repeats: whether what people met before competes all the same.
        width: D, of all vectors.
    """

    def __init__(
        self,
        items: ItemTable,
        sizes: Mapping[str, int],
        config: TrainerConfig,
        repeats: bool,
    ):
        """Creates the model.

        Args:
            items: the catalogue.
            sizes: `event_types`, `gaps`, `scenarios` and `profiles`, the
                number of rows each of these embeddings needs.
            config: the trainer's settings.
            repeats: whether what people met before competes all the same.
        """
        super().__init__(name="recommender")
        self.num_items = items.num_items
        self.repeats = repeats
        self._need_rate = config.towers.need_rate
        self._l2 = config.towers.l2
        self._alignment = config.towers.alignment
        width = self.width = config.towers.embedding_dim
        with _precision(config.optimizer.mixed_precision):
            self.candidate_tower = CandidateTower(items, config.towers)
            self.query_tower = QueryTower(
                sizes["event_types"], sizes["gaps"], config.towers
            )
        self._context = tf.keras.layers.Dense(
            width, kernel_initializer="zeros", name="context"
        )
        self._request_gap = tf.keras.layers.Embedding(
            sizes["gaps"], width, embeddings_initializer="zeros"
        )
        self._scenario = tf.keras.layers.Embedding(
            sizes["scenarios"], width, embeddings_initializer="zeros"
        )
        self._profile = None
        if sizes["profiles"] > _LEAST_PROFILES:
            self._profile = tf.keras.layers.Embedding(
                sizes["profiles"], width, embeddings_initializer="zeros"
            )
        self.tasks = [task.build_task(items, config) for task in TASKS.values()]

    def update_counts(self, counts):
        """Makes room for what more windows have counted.

        The scores stay as they are; what is trained from now on knows the
        new ids and log Q. Must be compiled again before that.

        Args:
            counts: int `[N]`, events of each item by now.
        """
        self.candidate_tower.update_counts(counts)
        for task in self.tasks:
            task.update_counts(counts)

    def encode_items(self, training=False):
        """Encodes the whole catalogue; float32 `[N, D]`."""
        rows = tf.range(self.num_items)
        return self.candidate_tower(rows, training=training)

    def encode_window(self, window: Window, items, training=False):
        """Runs the query tower over a batch of windows.

        Args:
            window: the events.
            items: float32 `[N, D]`, the encoded catalogue.
            training: whether dropout is on.

        Returns:
            `QueryStates`.
        """
        width = items.shape[-1]
        padded = tf.concat([items, tf.zeros([1, width])], axis=0)
        vectors = tf.gather(padded, window.rows)
        return self.query_tower(window, vectors, training=training)

    def encode_profile(self, profile, training=False):
        """Sums the embeddings of what is known of each user.

        Args:
            profile: int32 `[B, P]`, 0 = padding.
            training: whether some profiles are hidden.

        Returns:
            float32 `[B, D]`; zeros where nothing is known.
        """
        if self._profile is None:
            return tf.zeros([tf.shape(profile)[0], self.width])
        known = tf.cast(profile > 0, tf.float32)
        if training:
            drawn = tf.random.uniform([tf.shape(profile)[0], 1])
            known *= tf.cast(drawn >= _HIDDEN_PROFILES, tf.float32)
        values = tf.cast(self._profile(profile), tf.float32)
        return tf.reduce_sum(known[..., tf.newaxis] * values, axis=1)

    def contextualise(self, states, request_gap, scenario, need, profile):
        """Adds the present moment to the history.

        Args:
            states: float32 `[..., D]`, of the query tower.
            request_gap: int32 `[...]`, bucket of the time since the last
                event; `UNKNOWN_GAP` where the request names no time.
            scenario: int32 `[...]`.
            need: float32 `[..., D]`, a text as `CandidateTower.encode_need`
                gives it; zeros = none.
            profile: float32 `[..., D]` of `encode_profile`.

        Returns:
            float32 `[..., D]`, the query vectors.
        """
        return (
            states
            + tf.cast(self._request_gap(request_gap), tf.float32)
            + tf.cast(self._scenario(scenario), tf.float32)
            + tf.cast(self._context(need), tf.float32)
            + profile
        )

    def encode_need(self, text_vectors):
        """Encodes what a need adds to a query vector.

        Args:
            text_vectors: float32 `[B, T]`, unit length; zeros = none.

        Returns:
            float32 `[B, D]`; zeros where there is none.
        """
        need = self.candidate_tower.encode_need(text_vectors)
        added = self._context(need) - self._context(tf.zeros_like(need))
        is_told = tf.reduce_any(text_vectors != 0.0, axis=1, keepdims=True)
        return tf.where(is_told, tf.cast(added, tf.float32), 0.0)

    def compute_loss(self, inputs, training=False):
        items = self.encode_items(training=training)
        window = Window(*(inputs[name] for name in Window._fields))
        states = self.encode_window(window, items, training=training)
        wanted = inputs["is_target"] & (window.rows < self.num_items)
        at = tf.where(wanted)
        rows = tf.gather_nd(window.rows, at)
        profile = self.encode_profile(inputs["profile"], training=training)
        queries = self.contextualise(
            tf.gather_nd(states.states[:, :-1], at),
            self._forget(tf.gather_nd(window.gap, at), 0.5),
            tf.gather_nd(inputs["scenario"], at),
            self._draw_need(rows),
            tf.gather(profile, at[:, 0]),
        )
        targets = Targets(
            queries=queries,
            rows=rows,
            items=items,
            positive=tf.gather_nd(inputs["positive"], at),
            value=tf.gather_nd(window.value, at),
            has_value=tf.gather_nd(window.has_value, at),
        )
        loss = sum(
            task.weight * task.compute_loss(targets)
            for task in self.tasks
            if task.weight
        )
        if self._l2:
            touched = tf.gather(items, rows)
            loss += self._l2 * tf.reduce_mean(tf.reduce_sum(touched**2, -1))
        if self._alignment:
            distance = self.candidate_tower.compute_alignment_loss(rows)
            loss += self._alignment * distance
        return loss

    def train_step(self, inputs):
        """Trains on a batch; ranks are computed in evaluation only."""
        return {"loss": super().train_step(inputs)["total_loss"]}

    def test_step(self, inputs):
        """Updates each task's metrics by the label of each window."""
        scored = self.score_catalogue(inputs)
        metrics = {}
        for task in self.tasks:
            metrics |= task.measure(scored)
        return metrics

    def score_catalogue(self, inputs):
        """Scores all items for what comes last in each window.

        Args:
            inputs: a batch of windows with their labels.

        Returns:
            `query` float32 `[B, D]`; `tower` float32 `[B, N]`, its scores;
            `label` int32 `[B]`;
            `rows` int32 `[B, S]`, the history before the label; `met` int32
            `[B, X]`, the same with older items (N = padding), or none where
            the dataset `repeats`: what is no candidate; `user` int64 `[B]`, a
            number for who asks; `liked` bool `[B]`, whether the label was.
            The history is what was not disliked.
        """
        items = self.encode_items()
        inputs = forget_dislikes(inputs, self.num_items)
        window, last = self._without_label(inputs)
        states = self.encode_window(window, items).states
        queries = self.contextualise(
            tf.gather(states, last, batch_dims=1),
            tf.gather(inputs["gap"], last, batch_dims=1),
            tf.gather(inputs["scenario"], last, batch_dims=1),
            tf.zeros([tf.shape(last)[0], items.shape[-1]]),
            self.encode_profile(inputs["profile"]),
        )
        met = tf.concat([window.rows, inputs["older_rows"]], axis=1)
        return {
            "query": queries,
            "tower": tf.matmul(queries, items, transpose_b=True),
            "label": tf.gather(inputs["rows"], last, batch_dims=1),
            "rows": window.rows,
            "met": met[:, :0] if self.repeats else met,
            "user": inputs["user"][:, 0],
            "liked": tf.gather(inputs["liked"], last, batch_dims=1),
        }

    def _without_label(self, inputs):
        """Splits the label off; returns the window and its place `[B]`."""
        length = tf.reduce_sum(tf.cast(inputs["mask"], tf.int32), axis=1)
        fields = {name: inputs[name] for name in Window._fields}
        position = tf.range(tf.shape(inputs["rows"])[1])
        before = position[tf.newaxis] < (length - 1)[:, tf.newaxis]
        fields["mask"] &= before
        fields["rows"] = tf.where(before, fields["rows"], self.num_items)
        return Window(**fields), length - 1

    def _draw_need(self, rows):
        """Gives some queries the text of the next item as a need."""
        drawn = tf.random.uniform(tf.shape(rows)) < self._need_rate
        need = self.candidate_tower.draw_need(rows)
        return tf.where(drawn[:, tf.newaxis], need, 0.0)

    @staticmethod
    def _forget(gap, rate):
        """Hides the time of some requests, so that it need not be known."""
        hidden = tf.random.uniform(tf.shape(gap)) < rate
        return tf.where(hidden, UNKNOWN_GAP, gap)


@contextlib.contextmanager
def _precision(mixed: bool):
    """Layers built inside compute in bfloat16, if so configured.

    The tasks stay outside: TFRS's layers mix the types of their inputs.
    """
    before = tf.keras.mixed_precision.global_policy()
    if mixed:
        tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        yield
    finally:
        tf.keras.mixed_precision.set_global_policy(before)
