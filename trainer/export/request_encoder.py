"""From a request to the query that items are searched by."""

from collections.abc import Callable
from collections.abc import Mapping

import tensorflow as tf
import tensorflow_transform as tft

from trainer.config import TrainerConfig
from trainer.index.exact_search import ExactSearch
from trainer.index.partitioned_search import PartitionedSearch
from trainer.inputs.dislikes import build_dislike_rule
from trainer.inputs.dislikes import forget_dislikes
from trainer.inputs.item_table import ItemTable
from trainer.inputs.request_features import find_in_request
from trainer.inputs.request_features import probe_value_scale
from trainer.inputs.request_features import to_raw_features
from trainer.inputs.windows import RowLookup
from trainer.inputs.windows import find_last
from trainer.inputs.windows import to_batch
from trainer.needs.said_need import SaidNeed
from trainer.scoring.catalogue_scorer import has_no_history
from trainer.towers.query_tower import EncodedQuery
from trainer.towers.query_tower import Window
from trainer.towers.recommender import UNKNOWN_GAP
from trainer.towers.recommender import Recommender


class RequestEncoder(tf.Module):
    """Reads requests and examples, and runs the query tower over them.

    Attributes:
        rows: finds items in the catalogue.
        value_scale: turns values back into those of the dataset.
        spec: of the serialized examples.
    """

    def __init__(
        self,
        model: Recommender,
        index: ExactSearch | PartitionedSearch,
        items: ItemTable,
        transform: tft.TFTransformOutput,
        read_need: Callable[[tf.Tensor, tf.Tensor], SaidNeed],
        config: TrainerConfig,
    ):
        """Takes what `ServingModel` takes, and parts of it.

        Args:
            model: the trained towers.
            index: of the catalogue.
            items: the catalogue.
            transform: the transform graph.
            read_need: encodes needs of scenarios, string `[B]` each.
            config: says what a dislike is.
        """
        super().__init__(name="request_encoder")
        self._model = model
        self._index = index
        self._read_need = read_need
        self._transform = transform.transform_features_layer()
        self.spec = transform.raw_feature_spec()
        self._dislikes = build_dislike_rule(
            transform, items.rating_scale, config.objective
        )
        self.rows = RowLookup(list(items.item_ids))
        self.value_scale = probe_value_scale(self._transform, self.spec)

    def encode(self, request: Mapping[str, tf.Tensor]) -> EncodedQuery:
        """Encodes requests, `signatures.QUERY_INPUTS`."""
        batch = forget_dislikes(self._read(request), self._model.num_items)
        return self.encode_batch(batch, request["need"], request["scenario"])

    def find_dislikes(self, request: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """Finds the events of requests that are dislikes; bool `[B, L]`."""
        return find_in_request(self._read(request)["disliked"], request)

    def read_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        """Parses serialized examples `[B]` to a batch for `encode_batch`."""
        raw = tf.io.parse_example(examples, self.spec)
        return forget_dislikes(self._to_batch(raw), self._model.num_items)

    def look_up(self, rows: tf.Tensor) -> tf.Tensor:
        """Vectors of catalogue rows, zeros where unknown; `[..., D]`."""
        known = rows < self._model.num_items
        vectors = self._index.gather(tf.where(known, rows, 0))
        return tf.where(known[..., tf.newaxis], vectors, 0.0)

    def _read(self, request):
        return self._to_batch(to_raw_features(request, self.spec))

    def _to_batch(self, raw):
        return to_batch(self._transform(raw), self.rows, self._dislikes)

    def encode_batch(
        self,
        batch: Mapping[str, tf.Tensor],
        need: tf.Tensor | None,
        scenario: tf.Tensor | None = None,
    ) -> EncodedQuery:
        """Runs the query tower; the last event of each row is the request.

        Args:
            batch: as of `windows.to_batch`, without dislikes.
            need: string `[B]`; None = nobody needs anything.
            scenario: string `[B]`, of the needs.
        """
        last = find_last(batch["mask"])
        position = tf.range(tf.shape(batch["rows"])[1])
        is_event = position[tf.newaxis] < last[:, tf.newaxis]
        fields = {name: batch[name] for name in Window._fields}
        fields["mask"] = is_event
        fields["rows"] = tf.where(
            is_event, fields["rows"], self._model.num_items
        )
        window = Window(**fields)
        encoded = self._model.query_tower(window, self.look_up(window.rows))
        # For new users the scorer is better than the learned begin position,
        # which is trained on the first events of all users.
        is_new = has_no_history(window.rows, self._model.num_items)
        states = tf.where(is_new[:, None, None], 0.0, encoded.states)
        state = tf.gather(states, last, batch_dims=1)
        before = tf.gather(states, tf.maximum(last - 1, 0), batch_dims=1)
        said = None
        if need is not None:
            said = self._read_need(need, scenario)
        gap = tf.gather(batch["gap"], last, batch_dims=1)
        no_gap = tf.fill(tf.shape(gap), UNKNOWN_GAP)
        scenario = tf.gather(batch["scenario"], last, batch_dims=1)
        profile = self._model.encode_profile(batch["profile"])
        none = tf.zeros_like(state)
        queries, no_history = (
            self._model.contextualise(*parts, scenario, none, profile)
            for parts in ((state, gap), (none, no_gap))
        )
        attention = tf.transpose(encoded.attention, [0, 2, 1, 3])
        attention = tf.gather(attention, last, batch_dims=1)
        return EncodedQuery(
            queries,
            attention,
            encoded.values,
            state - before,
            last,
            window.rows,
            attracted=queries if said is None else queries + said.queries,
            places=batch["places"],
            disliked_rows=batch["disliked_rows"],
            left_out=tf.stack([no_history, queries, no_history], axis=1),
            need=said,
        )
