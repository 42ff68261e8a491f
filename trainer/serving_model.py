"""The pushed SavedModel: the whole funnel behind named signatures."""

from collections.abc import Mapping

import tensorflow as tf
import tensorflow_transform as tft

from schemas import events
from schemas.signatures import UNKNOWN_ITEM_SCORE
from trainer.catalogue_scorer import CatalogueScorer
from trainer.item_table import ItemTable
from trainer.query_tower import Window
from trainer.ranks import compute_rank
from trainer.recommendation_graph import CandidateFilter
from trainer.recommendation_graph import EncodedQuery
from trainer.recommendation_graph import explain
from trainer.recommendation_graph import share_attention
from trainer.recommendation_graph import take_top
from trainer.recommender import Recommender
from trainer.request_features import compose_item_texts
from trainer.request_features import to_raw_features
from trainer.text_backbone import TextBackbone
from trainer.windows import RowLookup
from trainer.windows import to_batch


class ServingModel(tf.Module):
    """Holds towers, index, transform graph and backbone in one export.

    Raw ids, raw text and raw times go in: the transform graph and the
    tokenizer are part of the model, so that no client can disagree with
    training. Tensors are listed in `schemas/signatures.py`.
    """

    def __init__(
        self,
        model: Recommender,
        scorer: CatalogueScorer,
        items: ItemTable,
        transform: tft.TFTransformOutput,
        backbone: TextBackbone,
    ):
        """Encodes the catalogue once; it becomes the index."""
        super().__init__(name="serving_model")
        self._model = model
        self._scorer = scorer
        self._backbone = [backbone]  # a list: kept out of tf-keras tracking
        self._backbone_parts = (backbone.variables, backbone.tables)
        self._transform = transform.transform_features_layer()
        self._raw_spec = transform.raw_feature_spec()
        self._rows = RowLookup(list(items.item_ids))
        self._item_ids = tf.constant([*items.item_ids, ""], tf.string)
        self._filter = CandidateFilter(items)
        self._index = tf.Variable(model.encode_items(), trainable=False)
        self._value_offset, self._value_scale = self._probe_value_scale()

    def recommend(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.RECOMMEND`."""
        query = self._encode_query(request)
        scores = self._scorer(query.queries, self._index, query.rows)
        excluded = self._rows(request["excluded_item_id"])
        window = tf.where(
            request["exclude_history"][:, tf.newaxis],
            query.rows,
            self._model.num_items,
        )
        met = tf.concat([excluded, window], axis=1)
        scores = self._filter(scores, request, met)
        scores, rows, shown = take_top(scores, request["k"])
        vectors = tf.gather(self._index, rows)
        probability, rating = self._judge(query.queries, vectors)
        positions, weights = explain(self._share_out(query, rows, vectors))
        is_shown = shown[..., tf.newaxis]
        return {
            "item_id": tf.where(shown, tf.gather(self._item_ids, rows), ""),
            "score": tf.where(shown, scores, 0.0),
            "probability": tf.where(shown, probability, 0.0),
            "rating": tf.where(shown, rating, 0.0),
            "history_positions": tf.where(is_shown, positions, -1),
            "history_weights": tf.where(is_shown, weights, 0.0),
        }

    def rank(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.RANK`; an unknown candidate scores lowest."""
        query = self._encode_query(request)
        rows = self._rows(request["candidate_item_id"])
        known = rows < self._model.num_items
        vectors = tf.gather(self._index, tf.where(known, rows, 0))
        vectors = tf.where(known[..., tf.newaxis], vectors, 0.0)
        probability, rating = self._judge(query.queries, vectors)
        scores = self._scorer(query.queries, self._index, query.rows)
        scores = tf.gather(scores, tf.where(known, rows, 0), batch_dims=1)
        return {
            "score": tf.where(known, scores, UNKNOWN_ITEM_SCORE),
            "probability": tf.where(known, probability, 0.0),
            "rating": rating,
        }

    def encode_query(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.ENCODE_QUERY`."""
        queries = self._encode_query(request).queries
        # Scaled as in the blend: its product with the vector of an item that
        # is not in the index compares with the scores of a slate.
        return {"query_embedding": queries * self._scorer.tower_weight}

    def encode_items(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.ENCODE_ITEMS`; knows nothing but content."""
        text = compose_item_texts(
            request["title"], request["categories"], request["description"]
        )
        category_ids = self._filter.category_ids(request["categories"])
        vectors = self._model.candidate_tower.fuse(
            self._encode_text(text),
            category_ids,
            tf.zeros(tf.shape(text), tf.int32),
        )
        return {"item_embedding": vectors}

    def score_examples(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.SERVING_DEFAULT`, what TFMA reads."""
        raw = tf.io.parse_example(request["examples"], self._raw_spec)
        batch = to_batch(self._transform(raw), self._rows)
        query = self._encode_batch(batch, need=None)
        last = _last(batch["mask"])
        label = tf.gather(batch["rows"], last, batch_dims=1)
        scores = self._scorer(query.queries, self._index, query.rows)
        met = tf.concat([query.rows, batch["older_rows"]], axis=1)
        rank = compute_rank(scores, label, met)
        known = label < self._model.num_items
        label = tf.where(known, label, 0)
        vectors = tf.gather(self._index, label)[:, tf.newaxis]
        probability, rating = self._judge(query.queries, vectors)
        return {
            "rank": rank,
            "score": tf.gather(scores, label, batch_dims=1),
            "probability": probability[:, 0],
            "rating": rating[:, 0],
        }

    def _encode_query(self, request) -> EncodedQuery:
        raw = to_raw_features(request, self._raw_spec)
        batch = to_batch(self._transform(raw), self._rows)
        return self._encode_batch(batch, request["need"], request["scenario"])

    def _encode_batch(self, batch, need, scenario=None) -> EncodedQuery:
        """Runs the query tower; the last event of each row is the request."""
        last = _last(batch["mask"])
        position = tf.range(tf.shape(batch["rows"])[1])
        before = position[tf.newaxis] < last[:, tf.newaxis]
        fields = {name: batch[name] for name in Window._fields}
        fields["mask"] = before
        fields["rows"] = tf.where(before, fields["rows"], self._model.num_items)
        window = Window(**fields)
        encoded = self._model.encode_window(window, self._index)
        if need is None:
            need = scenario = tf.zeros([tf.shape(last)[0]], tf.string)
        queries = self._model.contextualise(
            tf.gather(encoded.states, last, batch_dims=1),
            tf.gather(batch["gap"], last, batch_dims=1),
            tf.gather(batch["scenario"], last, batch_dims=1),
            self._encode_need(need, scenario),
        )
        attention = tf.transpose(encoded.attention, [0, 2, 1, 3])
        attention = tf.gather(attention, last, batch_dims=1)
        # The first position is the learned beginning, no event. The last
        # one stands for the request itself.
        return EncodedQuery(
            queries,
            attention[:, :, 1:],
            encoded.values[:, :, 1:],
            window.rows,
        )

    def _encode_need(self, need, scenario):
        """Encodes needs; requests without one cost and add nothing."""
        width = self._index.shape[-1]
        is_told = need != ""

        def encode():
            vectors = self._model.candidate_tower.encode_need(
                self._backbone[0].encode_need(need, scenario)
            )
            return tf.where(is_told[:, tf.newaxis], vectors, 0.0)

        def skip():
            return tf.zeros([tf.shape(need)[0], width])

        return tf.cond(tf.reduce_any(is_told), encode, skip)

    def _encode_text(self, texts):
        return self._backbone[0].encode(texts)

    def _share_out(self, query, rows, vectors):
        """What each event adds to each candidate, float32 `[B, K, L]`."""
        said = share_attention(query, vectors) * self._scorer.tower_weight
        return said + self._scorer.attribute(query.rows, rows)

    def _judge(self, queries, candidates):
        """Probability and rating of `[B, D]` with `[B, K, D]`."""
        width = tf.shape(candidates)[1]
        repeated = tf.repeat(queries[:, tf.newaxis], width, axis=1)
        logit, value = self._model.ranking_task(repeated, candidates)
        rating = value * self._value_scale + self._value_offset
        return tf.sigmoid(logit), rating

    def _probe_value_scale(self):
        """Reads mean and deviation of the values off the transform graph."""
        request = {
            "item_id": tf.constant([["", ""]]),
            "event_type": tf.constant([["", ""]]),
            "timestamp": tf.constant([[1, 1]], tf.int64),
            "value": tf.constant([[0.0, 1.0]]),
            "scenario": tf.constant([""]),
            "query_time": tf.constant([0], tf.int64),
        }
        raw = to_raw_features(request, self._raw_spec, keep_unnamed=True)
        value = self._transform(raw)[events.VALUE].flat_values
        scale = 1.0 / float(value[1] - value[0])
        return -float(value[0]) * scale, scale


def _last(mask):
    """Index of the last event of each row, int32 `[B]`."""
    return tf.reduce_sum(tf.cast(mask, tf.int32), axis=1) - 1
