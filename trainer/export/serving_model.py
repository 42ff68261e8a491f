"""The pushed SavedModel: the whole funnel behind named signatures."""

from collections.abc import Mapping

import tensorflow as tf
import tensorflow_transform as tft

from schemas import signatures
from schemas.signatures import UNKNOWN_ITEM_SCORE
from trainer.backbone.need_reading import drop_unread
from trainer.backbone.text_backbone import TextBackbone
from trainer.config import TrainerConfig
from trainer.export.candidate_filter import CandidateFilter
from trainer.export.candidate_filter import find_excluded
from trainer.export.exposure import Exposure
from trainer.export.leave_one_out import compute_drops
from trainer.export.leave_one_out import leave_kinds_out
from trainer.export.places import Places
from trainer.export.places import count_ahead
from trainer.export.places import list_variants
from trainer.export.reasons import attribute
from trainer.export.reasons import choose_reasons
from trainer.export.reasons import find_kinds
from trainer.export.reasons import share_among_kinds
from trainer.export.reasons import to_shares
from trainer.export.repulsion import Repulsion
from trainer.export.request_encoder import RequestEncoder
from trainer.index.exact_search import ExactSearch
from trainer.index.partitioned_search import PartitionedSearch
from trainer.index.take_best import take_top
from trainer.inputs.item_table import ItemTable
from trainer.inputs.request_features import count_unread_events
from trainer.inputs.windows import find_last
from trainer.needs.said_need import encode_needs
from trainer.scoring import ranks
from trainer.scoring.query_scorer import QueryScorer
from trainer.scoring.query_scorer import has_need
from trainer.towers.query_tower import EncodedQuery
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
        scorer: QueryScorer,
        items: ItemTable,
        transform: tft.TFTransformOutput,
        backbone: TextBackbone,
        config: TrainerConfig | None = None,
    ):
        """Encodes the catalogue once; it becomes the index.

        Args:
            model: the trained towers.
            scorer: orders the catalogue, with what needs add.
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
        self._query_scorer = scorer
        self._scorer = scorer.catalogue
        self._backbone = [backbone]  # a list: kept out of tf-keras tracking
        self._backbone_parts = (backbone.variables, backbone.tables)
        self._item_ids = tf.constant([*items.item_ids, ""], tf.string)
        self._filter = CandidateFilter(items)
        self._exposure = Exposure(items.counts)
        vectors = model.encode_items().numpy()
        ranks.check_finite(vectors)
        if index.kind == "ivf":
            parts = (vectors, self._scorer, self._filter, index)
            self._index = PartitionedSearch(*parts)
        else:
            self._index = ExactSearch(vectors, self._scorer, self._filter)
        self._encoder = RequestEncoder(
            model, self._index, items, transform, self._read_need, config
        )
        self._repulsion = Repulsion(vectors, config.repulsion)
        self._places = Places(vectors, items.counts, self._scorer)
        texts = tf.reduce_mean(model.candidate_tower.text_vectors, axis=0)
        self._mean_vector = tf.concat([vectors.mean(axis=0), texts], axis=0)

    def recommend(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.RECOMMEND`."""
        request, is_read = drop_unread(request, self._reads)
        query = self._repel(self._encoder.encode(request))
        met = find_excluded(request, self._encoder.rows)
        scores, rows, shown = self._search(query, request, met)
        vectors = self._index.gather(rows)
        judged = self._judge(query.attracted, vectors, shown)
        drops = self._attribute(query, rows, vectors)
        places, lift = self._find_places(query, request, rows, vectors, scores)
        kinds = share_among_kinds(
            places, self._model.num_items, find_kinds(request, drops), lift
        )
        positions, weights = choose_reasons(drops, kinds["history_share"])
        unread = count_unread_events(request)[:, tf.newaxis, tf.newaxis]
        # The place in the window with the dislikes.
        places = tf.gather(query.places, tf.maximum(positions, 0), batch_dims=1)
        positions = tf.where(positions >= 0, places + unread, -1)
        is_shown = shown[..., tf.newaxis]
        said = {"score": scores, **judged, **kinds}
        return {
            "item_id": tf.where(shown, tf.gather(self._item_ids, rows), ""),
            **{name: tf.where(shown, one, 0.0) for name, one in said.items()},
            "history_positions": tf.where(is_shown, positions, -1),
            "history_weights": tf.where(is_shown, weights, 0.0),
            "need_read": is_read,
        }

    def rank(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.RANK`; an unknown candidate scores lowest."""
        query = self._encode_query(request)
        rows = self._encoder.rows(request["candidate_item_id"])
        known = rows < self._model.num_items
        return {
            "score": self._score_candidates(self._score(query), rows),
            **self._judge(query.attracted, self._encoder.look_up(rows), known),
        }

    def explain(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.EXPLAIN`; costs as much as L + 4 requests."""
        rows = self._encoder.rows(request["candidate_item_id"])
        known = rows < self._model.num_items
        own, places = self._leave_kinds_out(request, rows)
        drops = compute_drops(
            request, own[:, 0], lambda asked: self.rank(asked)["score"]
        )
        # What was disliked is no reason.
        is_no_reason = self._encoder.find_dislikes(request)[:, tf.newaxis]
        raised = to_shares(tf.where(is_no_reason, 0.0, drops))
        kinds = share_among_kinds(
            places, self._model.num_items, find_kinds(request, raised)
        )
        kinds = {n: tf.where(known, one, 0.0) for n, one in kinds.items()}
        places = tf.where(known[:, tf.newaxis], places, 0.0)
        tower = self._model.candidate_tower
        shares = tower.compute_source_shares(tf.where(known, rows, 0))
        names = tf.constant(tower.source_names)[tf.newaxis]
        weights = kinds["history_share"][..., tf.newaxis] * raised
        return {
            "score": own[:, 0],
            "score_without_history": own[:, 1],
            "score_without_need": own[:, 2],
            "place": places[:, 0],
            "place_without_history": places[:, 1],
            "place_without_need": places[:, 2],
            "score_drops": drops,
            "history_weights": weights,
            **kinds,
            "source_names": tf.tile(names, [tf.shape(rows)[0], 1]),
            "source_shares": tf.where(known[..., tf.newaxis], shares, 0.0),
        }

    def encode_query(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.ENCODE_QUERY`."""
        # Scaled as in the blend: its product with the vector of an item that
        # is not in the index compares with the scores of a slate.
        queries = self._query_scorer.extend(self._encode_query(request))
        return {
            "query_embedding": queries,
            "mean_score": tf.linalg.matvec(queries, self._mean_vector),
        }

    def encode_items(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.ENCODE_ITEMS`, by content only."""
        tower = self._model.candidate_tower
        features = tower.read(request, self._backbone[0])
        parts = [tower.fuse(features), tower.read_text(features)]
        return {"item_embedding": tf.concat(parts, axis=1)}

    @property
    def inputs(self) -> dict[str, dict[str, tuple[str, int]]]:
        """Inputs of each signature, those of the sources in use among them."""
        of_items = signatures.INPUTS[signatures.ENCODE_ITEMS]
        of_items = of_items | self._model.candidate_tower.inputs
        return signatures.INPUTS | {signatures.ENCODE_ITEMS: of_items}

    def score_examples(self, request: Mapping[str, tf.Tensor]):
        """Answers `signatures.SERVING_DEFAULT`, what TFMA reads."""
        batch = self._encoder.read_examples(request["examples"])
        query = self._repel(self._encoder.encode_batch(batch, need=None))
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
        request, _ = drop_unread(request, self._reads)
        return self._repel(self._encoder.encode(request))

    def _repel(self, query: EncodedQuery) -> EncodedQuery:
        """Takes what dislikes repel off the queries with a history."""
        disliked = query.disliked_rows
        repulsion = self._repulsion(
            self._encoder.look_up(disliked), disliked < self._model.num_items
        )
        repulsion /= self._scorer.tower_weight
        of_history = tf.constant([[[0.0], [1.0], [0.0]]])
        return query._replace(
            queries=query.queries - repulsion,
            left_out=query.left_out - of_history * repulsion[:, tf.newaxis],
        )

    def _score(self, query: EncodedQuery):
        """Scores the whole catalogue, exactly; float32 `[B, N]`."""
        return self._query_scorer(query, self._index.score_all)

    def _reads(self, need):
        """Whether the language model or the catalogue knows the words."""
        is_known = self._query_scorer.needs.knows(need)
        return self._backbone[0].reads(need) | is_known

    def _read_need(self, need, scenario):
        """Encodes needs without their typing errors."""
        need = self._query_scorer.needs.correct(need)
        backbone, encode = self._backbone[0], self._model.encode_need
        return encode_needs(need, scenario, backbone, encode)

    def _search(self, query: EncodedQuery, request, met):
        """Finds the slates, as of `take_top`; for needs among all items."""

        def score_all():
            scores = self._filter(self._score(query), request, met)
            return take_top(scores, request["k"])

        return tf.cond(
            has_need(query), score_all, lambda: self._index(query, request, met)
        )

    def _find_places(self, query, request, rows, vectors, scores):
        """Places of a slate's items with and without kinds, as of `Places`."""
        met = self._encoder.rows(request["item_id"])

        def compare_scores():
            variants = list_variants(query, self._model.num_items)
            all_scores = tf.stack(list(map(self._score, variants)), axis=1)
            return self._places.compare(all_scores, met, rows)

        def compare_parts():
            return self._places(query, met, rows, vectors, scores)

        return tf.cond(has_need(query), compare_scores, compare_parts)

    def _score_candidates(self, scores, rows):
        """Picks scores `[B, C]` out of `[B, N]`; unknown items are lowest."""
        known = rows < self._model.num_items
        own = tf.gather(scores, tf.where(known, rows, 0), batch_dims=1)
        return tf.where(known, own, UNKNOWN_ITEM_SCORE)

    def _leave_kinds_out(self, request, rows):
        """Scores and places with and without history and need, `[B, 4, C]`."""
        asked = leave_kinds_out(request)
        scores = self._score(self._encode_query(asked))
        own = self._score_candidates(scores, tf.repeat(rows, 4, axis=0))
        own = tf.reshape(own, [-1, 4, tf.shape(rows)[1]])
        scores = tf.reshape(scores, [-1, 4, self._model.num_items])
        met = self._encoder.rows(request["item_id"])
        weights = ranks.exclude_rows(tf.ones_like(scores[:, 0]), met)
        return own, count_ahead(scores, tf.nn.relu(weights), own)

    def _attribute(self, query, rows, vectors):
        """The effect of each event on each score, float32 `[B, K, L]`."""
        said = attribute(query, vectors) * self._scorer.tower_weight
        return said + self._scorer.attribute(query.rows, rows)

    def _judge(self, queries, candidates, is_known):
        """What the tasks say of `[B, D]` with `[B, K, D]`."""
        said, scale = {}, self._encoder.value_scale
        for task in self._model.tasks:
            said |= task.judge(queries, candidates, is_known, scale)
        return said
