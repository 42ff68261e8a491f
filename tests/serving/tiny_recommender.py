"""A recommender of 20 items with every signature, exported in seconds.

A query is the mean of its items' vectors; a score is the dot product with
an item's vector plus the item's popularity. A profile with "likes=i05" is as
good as an event of `i05`. Item `i07` costs 7.0; items with
an even number are comedies, the others dramas.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

from schemas import signatures

NUM_ITEMS = 20
EMBEDDING_DIM = 4
ITEM_IDS = [f"i{number:02d}" for number in range(NUM_ITEMS)]
CATEGORIES = ["comedy", "drama"] * (NUM_ITEMS // 2)
_NOTHING = -1e9  # score of an item that may not be shown


def item_vectors() -> np.ndarray:
    """The vectors `[20, 4]` that every answer follows from."""
    generator = np.random.default_rng(11)
    shape = (NUM_ITEMS, EMBEDDING_DIM)
    return generator.normal(size=shape).astype(np.float32)


def item_popularity() -> np.ndarray:
    return np.linspace(0.2, 0.0, NUM_ITEMS, dtype=np.float32)


class TinyRecommender(tf.Module):
    """See the module; `scale` of NaN poisons scores and new items."""

    def __init__(self, scale: float = 1.0, delay_seconds: float = 0.0):
        super().__init__()
        self.scale = tf.Variable(scale, trainable=False)
        self.delay_seconds = delay_seconds
        self.vectors = tf.Variable(item_vectors(), trainable=False)
        self.popularity = tf.constant(item_popularity())
        self.ids = tf.constant(ITEM_IDS)
        self.categories = tf.constant(CATEGORIES)
        self.prices = tf.range(NUM_ITEMS, dtype=tf.float32)
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                self.ids, tf.range(NUM_ITEMS, dtype=tf.int64)
            ),
            default_value=-1,
        )

    def _wait(self, x: tf.Tensor) -> tf.Tensor:
        if not self.delay_seconds:
            return x
        end = tf.timestamp() + self.delay_seconds
        rounds = tf.while_loop(
            lambda _: tf.timestamp() < end, lambda i: [i + 1], [0]
        )
        return x + 0.0 * tf.cast(rounds[0], tf.float32)

    def _encode(self, item_id: tf.Tensor) -> tf.Tensor:
        known = tf.cast(self.table.lookup(item_id) >= 0, tf.float32)
        rows = tf.gather(
            self.vectors, tf.maximum(self.table.lookup(item_id), 0)
        )
        total = tf.reduce_sum(rows * known[:, :, tf.newaxis], axis=1)
        count = tf.reduce_sum(known, axis=1, keepdims=True)
        return self._wait(tf.math.divide_no_nan(total, count))

    def _marked(self, item_id: tf.Tensor) -> tf.Tensor:
        index = self.table.lookup(item_id)
        marks = tf.one_hot(index, NUM_ITEMS, axis=-1)  # -1 marks nothing
        return tf.reduce_any(marks > 0, axis=1)

    def _forbidden(self, item_id, rest) -> tf.Tensor:
        allowed = rest["allowed_categories"]
        wanted = tf.reduce_any(
            allowed[:, :, tf.newaxis] == self.categories, axis=1
        )
        is_any = tf.reduce_all(allowed == "", axis=1, keepdims=True)
        # Comparisons with NaN are false: no bound.
        price = self.prices[tf.newaxis]
        return (
            (self._marked(item_id) & rest["exclude_history"][:, tf.newaxis])
            | self._marked(rest["excluded_item_id"])
            | ~(wanted | is_any)
            | (price < rest["min_price"][:, tf.newaxis])
            | (price > rest["max_price"][:, tf.newaxis])
        )

    def recommend(self, item_id, k, **rest):
        liked = tf.strings.regex_replace(rest["profile"], "^likes=", "")
        query = self._encode(tf.concat([item_id, liked], axis=1))
        scores = query @ tf.transpose(self.vectors) + self.popularity
        forbidden = self._forbidden(item_id, rest)
        scores = tf.where(forbidden, _NOTHING, scores)
        width = tf.reduce_max(k)
        padding = [[0, 0], [0, tf.maximum(width - NUM_ITEMS, 0)]]
        scores = tf.pad(scores, padding, constant_values=_NOTHING)
        best, index = tf.math.top_k(scores, width)
        is_shown = (best > _NOTHING / 2) & (
            tf.range(width)[tf.newaxis] < k[:, tf.newaxis]
        )
        index = tf.minimum(index, NUM_ITEMS - 1)
        positions, weights = self._explain(item_id, index, is_shown)
        return {
            "item_id": tf.where(is_shown, tf.gather(self.ids, index), ""),
            **self._grade(tf.where(is_shown, best, 0.0)),
            "history_positions": positions,
            "history_weights": weights,
            **self._share(item_id, rest["need"], is_shown),
            # It reads ASCII.
            "need_read": tf.cast(
                ~tf.strings.regex_full_match(rest["need"], r".*[^\x00-\x7F].*"),
                tf.float32,
            ),
        }

    def _share(self, item_id, need, is_shown):
        """A history is two thirds of the reasons, a need a quarter."""
        has_history = tf.reduce_any(item_id != "", axis=1)
        history = tf.where(has_history, 2.0 / 3.0, 0.0)
        need = tf.where(need != "", 0.25, 0.0)
        shares = {
            "history_share": history,
            "need_share": need,
            "popularity_share": 1.0 - history - need,
        }
        return {
            name: tf.where(is_shown, share[:, tf.newaxis], 0.0)
            for name, share in shares.items()
        }

    def _explain(self, item_id, index, is_shown):
        position = self.table.lookup(item_id)
        history = tf.gather(self.vectors, tf.maximum(position, 0))
        shown = tf.gather(self.vectors, index)
        weights = tf.einsum("bkd,bld->bkl", shown, history)
        is_known = (position >= 0)[:, tf.newaxis] & is_shown[:, :, tf.newaxis]
        weights = tf.where(is_known, weights, _NOTHING)
        wide = [[0, 0], [0, 0], [0, signatures.POSITIONS_PER_ITEM]]
        weights = tf.pad(weights, wide, constant_values=_NOTHING)
        best, top = tf.math.top_k(weights, signatures.POSITIONS_PER_ITEM)
        is_real = best > _NOTHING / 2
        is_event = tf.pad(item_id, wide[1:]) != ""
        nth = tf.cumsum(tf.cast(is_event, tf.int32), axis=1, exclusive=True)
        which = tf.gather(nth, top, batch_dims=1)
        return tf.where(is_real, which, -1), tf.where(is_real, best, 0.0)

    def _grade(self, score):
        score = score * self.scale
        return {
            "score": score,
            "probability": tf.sigmoid(score),
            "rating": 3.0 + score,
        }

    def rank(self, item_id, candidate_item_id, **rest):
        found = self.table.lookup(candidate_item_id)
        index = tf.maximum(found, 0)
        rows = tf.gather(self.vectors, index)
        query = self._encode(item_id)
        score = tf.einsum("bcd,bd->bc", rows, query)
        graded = self._grade(score + tf.gather(self.popularity, index))
        graded["score"] = tf.where(
            found >= 0, graded["score"], signatures.UNKNOWN_ITEM_SCORE
        )
        return graded

    def explain(self, item_id, candidate_item_id, **rest):
        """Asks again without each event; every item is a quarter text."""
        whole = self.rank(item_id, candidate_item_id)["score"]
        nothing = self.rank(tf.fill(tf.shape(item_id), ""), candidate_item_id)
        length = tf.shape(item_id)[1]
        left_out = tf.eye(length, dtype=tf.bool)

        def leave_out(place):
            kept = tf.where(left_out[place], "", item_id)
            return whole - self.rank(kept, candidate_item_id)["score"]

        drops = tf.map_fn(
            leave_out, tf.range(length), fn_output_signature=tf.float32
        )
        drops = tf.transpose(drops, [1, 2, 0])
        raised = tf.nn.relu(drops)
        total = tf.reduce_sum(raised, axis=-1, keepdims=True)
        batch = tf.shape(item_id)[0]
        shares = tf.ones([batch, tf.shape(whole)[1], 1]) * [0.25, 0.75]
        kinds = self._share(item_id, rest["need"], whole > _NOTHING)
        weights = tf.math.divide_no_nan(raised, total)
        place = 1.0 + tf.cast(tf.argsort(tf.argsort(-whole)), tf.float32)
        return {
            "score": whole,
            "score_without_history": nothing["score"],
            "score_without_need": whole,
            "score_drops": drops,
            "place": place,
            "place_without_history": 3.0 * place,
            "place_without_need": place,
            "history_weights": weights * kinds["history_share"][..., None],
            **kinds,
            "source_names": tf.tile([["text", "id"]], [batch, 1]),
            "source_shares": shares,
        }

    def encode_query(self, item_id, **rest):
        """A need moves the query by one in every direction."""
        asked = tf.where(rest["need"] != "", 1.0, 0.0)[:, tf.newaxis]
        query = self._encode(item_id) + asked
        mean = tf.reduce_mean(self.vectors, axis=0)
        return {
            "query_embedding": query,
            "mean_score": tf.linalg.matvec(query, mean),
        }

    def encode_items(self, title, description, categories):
        lengths = tf.cast(tf.strings.length(title), tf.float32)
        vectors = tf.tile(lengths[:, tf.newaxis], [1, EMBEDDING_DIM])
        return {"item_embedding": self.scale * vectors}

    def serving_default(self, examples):
        score = tf.cast(tf.strings.length(examples), tf.float32)
        exposure = score[:, tf.newaxis] * tf.zeros([1, 4])
        one = tf.ones_like(score)
        return {
            "rank": score,
            "liked_rank": score,
            "num_candidates": NUM_ITEMS * one,
            "candidate": one,
            "met": 0.0 * one,
            "finite": tf.cast(tf.math.is_finite(self.scale * one), tf.float32),
            "exposure": exposure,
            **self._grade(score),
        }


def export_tiny_recommender(
    path: Path, scale: float = 1.0, delay_seconds: float = 0.0
) -> Path:
    """Writes the SavedModel to `path` and returns it."""
    return export_model(TinyRecommender(scale, delay_seconds), path)


def export_model(
    model: TinyRecommender, path: Path, all_inputs=signatures.INPUTS
) -> Path:
    """Writes a model with all signatures to `path` and returns it."""
    functions = {}
    for name, inputs in all_inputs.items():
        specs = {
            alias: tf.TensorSpec([None] * rank, dtype, alias)
            for alias, (dtype, rank) in inputs.items()
        }
        function = tf.function(getattr(model, name))
        functions[name] = function.get_concrete_function(**specs)
    tf.saved_model.save(model, str(path), signatures=functions)
    return path
