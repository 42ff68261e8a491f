"""The pushed SavedModel: the whole funnel behind named signatures."""

from collections.abc import Mapping

import tensorflow as tf
import tensorflow_transform as tft

from schemas import signatures
from schemas.signatures import UNKNOWN_ITEM_SCORE
from trainer.backbone.text_backbone import TextBackbone
from trainer.config import TrainerConfig
from trainer.export.candidate_filter import CandidateFilter
from trainer.export.candidate_filter import find_excluded
from trainer.export.exposure import Exposure
from trainer.export.leave_one_out import leave_one_out
from trainer.export.reasons import attribute
from trainer.export.reasons import choose_reasons
from trainer.export.reasons import to_shares
from trainer.export.repulsion import Repulsion
from trainer.index.exact_search import ExactSearch
from trainer.index.partitioned_search import PartitionedSearch
from trainer.inputs.dislikes import build_dislike_rule
from trainer.inputs.dislikes import forget_dislikes
from trainer.inputs.item_table import ItemTable
from trainer.inputs.request_features import count_unread_events
from trainer.inputs.request_features import find_in_request
from trainer.inputs.request_features import probe_value_scale
from trainer.inputs.request_features import to_raw_features
from trainer.inputs.windows import RowLookup
from trainer.inputs.windows import find_last
from trainer.inputs.windows import to_batch
from trainer.scoring import ranks
from trainer.scoring.catalogue_scorer import CatalogueScorer
from trainer.scoring.catalogue_scorer import has_no_history
from trainer.towers.query_tower import EncodedQuery
from trainer.towers.query_tower import Window
from trainer.towers.recommender import Recommender


class ServingModel(tf.Module):
    """Towers, index, transform graph and backbone in one export.

    Inputs are raw ids, texts and times: the transform graph and the tokenizer
    are part of the model, so that clients and training always agree. Tensors
    are listed in `schemas/signatures.py`.
    """

    def __init__(
        self,
        model: Recommender,
        scorer: CatalogueScorer,
        items: ItemTable,
        transform: tft.TFTransformOutput,
        backbone: TextBackbone,
        config: TrainerConfig | None = None,
    ):
        """Encodes the catalogue once; it becomes the index.

        Args:
            model: the trained towers.
            scorer: orders the catalogue.
            items: the catalogue.
            transform: the transform graph.
            backbone: encodes needs and new items.
            config: how slates are found, and what they are for; None = the
                defaults.
        """
        super().__init__(name="serving_model")
        config = config or TrainerConfig()
        index = config.retrieval.index
        self._model = model
        self.repeats = model.repeats
        self._scorer = scorer
        self._backbone = [backbone]  # a list: kept out of tf-keras tracking
        self._backbone_parts = (backbone.variables, backbone.tables)
        self._transform = transform.transform_features_layer()
        self._raw_spec = transform.raw_feature_spec()
        self._dislikes = build_dislike_rule(
            transform, items.rating_scale, config.objective
        )
        self._rows = RowLookup(list(items.item_ids))
        self._item_ids = tf.constant([*items.item_ids, ""], tf.string)
        self._filter = CandidateFilter(items)
        self._exposure = Exposure(items.counts)
        vectors = model.encode_items().numpy()
        ranks.check_finite(vectors)
        self._width = vectors.shape[1]
        if index.kind == "ivf":
            parts = (vectors, scorer, self._filter, index)
            self._index = PartitionedSearch(*parts)
        else:
            self._index = ExactSearch(vectors, scorer, self._filter)
        self._value_scale = probe_value_scale(self._transform, self._raw_spec)
        self._repulsion = Repulsion(vectors, config.repulsion)

    def recommend(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.RECOMMEND`."""
        query = self._encode_query(request)
        met = find_excluded(request, self._rows)
        scores, rows, shown = self._index(query, request, met)
        vectors = self._index.gather(rows)
        judged = self._judge(query.attracted, vectors, shown)
        positions, weights = choose_reasons(
            self._attribute(query, rows, vectors)
        )
        unread = count_unread_events(request)[:, tf.newaxis, tf.newaxis]
        # The place in the window with the dislikes.
        places = tf.gather(query.places, tf.maximum(positions, 0), batch_dims=1)
        positions = tf.where(positions >= 0, places + unread, -1)
        is_shown = shown[..., tf.newaxis]
        return {
            "item_id": tf.where(shown, tf.gather(self._item_ids, rows), ""),
            "score": tf.where(shown, scores, 0.0),
            **{n: tf.where(shown, said, 0.0) for n, said in judged.items()},
            "history_positions": tf.where(is_shown, positions, -1),
            "history_weights": tf.where(is_shown, weights, 0.0),
        }

    def rank(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.RANK`; an unknown candidate scores lowest."""
        query = self._encode_query(request)
        rows = self._rows(request["candidate_item_id"])
        known = rows < self._model.num_items
        vectors = self._look_up(rows)
        scores = tf.gather(
            self._score(query), tf.where(known, rows, 0), batch_dims=1
        )
        return {
            "score": tf.where(known, scores, UNKNOWN_ITEM_SCORE),
            **self._judge(query.attracted, vectors, known),
        }

    def explain(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.EXPLAIN`; costs as much as L + 3 requests."""
        found = leave_one_out(request, lambda asked: self.rank(asked)["score"])
        rows = self._rows(request["candidate_item_id"])
        known = (rows < self._model.num_items)[..., tf.newaxis]
        tower = self._model.candidate_tower
        shares = tower.compute_source_shares(tf.where(known[..., 0], rows, 0))
        names = tf.constant(tower.source_names)[tf.newaxis]
        return {
            "score": found.score,
            "score_without_history": found.without_history,
            "score_without_need": found.without_need,
            "score_drops": found.drops,
            "history_weights": self._to_shares(found.drops, request),
            "source_names": tf.tile(names, [tf.shape(rows)[0], 1]),
            "source_shares": tf.where(known, shares, 0.0),
        }

    def encode_query(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.ENCODE_QUERY`."""
        queries = self._encode_query(request).queries
        # Scaled as in the blend: its product with the vector of an item that
        # is not in the index compares with the scores of a slate.
        return {"query_embedding": queries * self._scorer.tower_weight}

    def encode_items(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.ENCODE_ITEMS`, by content only."""
        tower = self._model.candidate_tower
        features = tower.read(request, self._backbone[0])
        return {"item_embedding": tower.fuse(features)}

    @property
    def inputs(self) -> dict[str, dict[str, tuple[str, int]]]:
        """Inputs of each signature, those of the sources in use among them."""
        of_items = signatures.INPUTS[signatures.ENCODE_ITEMS]
        of_items = of_items | self._model.candidate_tower.inputs
        return signatures.INPUTS | {signatures.ENCODE_ITEMS: of_items}

    def score_examples(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.SERVING_DEFAULT`, what TFMA reads."""
        raw = tf.io.parse_example(request["examples"], self._raw_spec)
        batch = self._to_batch(raw)
        query = self._encode_batch(batch, need=None)
        last = find_last(batch["mask"])
        label = tf.gather(batch["rows"], last, batch_dims=1)
        scores = self._score(query)
        history = tf.concat([query.rows, batch["older_rows"]], axis=1)
        ranked, allowed = ranks.judge(scores, label, history, self.repeats)
        liked = tf.gather(batch["liked"], last, batch_dims=1)
        known = label < self._model.num_items
        label = tf.where(known, label, 0)
        vectors = self._index.gather(label)[:, tf.newaxis]
        judged = self._judge(query.attracted, vectors, known[:, tf.newaxis])
        answers = {name: said[:, 0] for name, said in judged.items()}
        answers["score"] = tf.gather(scores, label, batch_dims=1)
        return {
            **ranked,
            "liked_rank": tf.where(liked, ranked["rank"], 0.0),
            **ranks.mark_finite(answers, scores),
            "exposure": self._exposure(allowed),
        }

    def _encode_query(self, request) -> EncodedQuery:
        batch = self._to_batch(to_raw_features(request, self._raw_spec))
        return self._encode_batch(batch, request["need"], request["scenario"])

    def _to_batch(self, raw):
        """Transforms raw features; the window is what was not disliked."""
        batch = to_batch(self._transform(raw), self._rows, self._dislikes)
        return forget_dislikes(batch, self._model.num_items)

    def _encode_batch(self, batch, need, scenario=None) -> EncodedQuery:
        """Runs the query tower; the last event of each row is the request."""
        last = find_last(batch["mask"])
        position = tf.range(tf.shape(batch["rows"])[1])
        is_event = position[tf.newaxis] < last[:, tf.newaxis]
        fields = {name: batch[name] for name in Window._fields}
        fields["mask"] = is_event
        fields["rows"] = tf.where(
            is_event, fields["rows"], self._model.num_items
        )
        window = Window(**fields)
        encoded = self._model.query_tower(window, self._look_up(window.rows))
        if need is None:
            need = scenario = tf.zeros([tf.shape(last)[0]], tf.string)
        # For new users the scorer is better than the learned begin position,
        # which is trained on the first events of all users.
        is_new = has_no_history(window.rows, self._model.num_items)
        states = tf.where(is_new[:, None, None], 0.0, encoded.states)
        state = tf.gather(states, last, batch_dims=1)
        before = tf.gather(states, tf.maximum(last - 1, 0), batch_dims=1)
        queries = self._model.contextualise(
            state,
            tf.gather(batch["gap"], last, batch_dims=1),
            tf.gather(batch["scenario"], last, batch_dims=1),
            self._encode_need(need, scenario),
            self._model.encode_profile(batch["profile"]),
        )
        attention = tf.transpose(encoded.attention, [0, 2, 1, 3])
        attention = tf.gather(attention, last, batch_dims=1)
        disliked = batch["disliked_rows"]
        repulsion = self._repulsion(
            self._look_up(disliked), disliked < self._model.num_items
        )
        return EncodedQuery(
            queries - repulsion / self._scorer.tower_weight,
            attention,
            encoded.values,
            state - before,
            last,
            window.rows,
            attracted=queries,
            places=batch["places"],
        )

    def _encode_need(self, need, scenario):
        """Encodes needs, each once; an empty need costs and adds nothing."""
        width = self._width
        is_told = need != ""

        def encode():
            pairs = tf.strings.join([need, scenario], separator="\n")
            distinct, place = tf.unique(pairs)
            first = tf.math.unsorted_segment_min(
                tf.range(tf.size(need)), place, tf.size(distinct)
            )
            vectors = self._model.candidate_tower.encode_need(
                self._backbone[0].encode_need(
                    tf.gather(need, first), tf.gather(scenario, first)
                )
            )
            vectors = tf.gather(vectors, place)
            return tf.where(is_told[:, tf.newaxis], vectors, 0.0)

        def skip():
            return tf.zeros([tf.shape(need)[0], width])

        return tf.cond(tf.reduce_any(is_told), encode, skip)

    def _score(self, query: EncodedQuery):
        """Scores the whole catalogue, exactly; float32 `[B, N]`."""
        dots = self._index.score_all(query.queries)
        return self._scorer(dots, query.rows)

    def _look_up(self, rows):
        """Vectors of catalogue rows, zeros where unknown; `[..., D]`."""
        known = rows < self._model.num_items
        vectors = self._index.gather(tf.where(known, rows, 0))
        return tf.where(known[..., tf.newaxis], vectors, 0.0)

    def _to_shares(self, drops, request):
        """Shares of the events that were not disliked: these are no reason."""
        raw = to_raw_features(request, self._raw_spec)
        batch = to_batch(self._transform(raw), self._rows, self._dislikes)
        is_no_reason = find_in_request(batch["disliked"], request)
        return to_shares(tf.where(is_no_reason[:, tf.newaxis], 0.0, drops))

    def _attribute(self, query, rows, vectors):
        """The effect of each event on each score, float32 `[B, K, L]`."""
        said = attribute(query, vectors) * self._scorer.tower_weight
        return said + self._scorer.attribute(query.rows, rows)

    def _judge(self, queries, candidates, is_known):
        """What the tasks say of `[B, D]` with `[B, K, D]`."""
        said = {}
        for task in self._model.tasks:
            said |= task.judge(queries, candidates, is_known, self._value_scale)
        return said
