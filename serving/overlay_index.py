"""New items as one version of the model sees them."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

import numpy as np

from schemas import signatures
from serving.client import RecommenderClient
from serving.may_show import find_forbidden
from serving.may_show import may_show
from serving.query import NO_SHARES
from serving.query import Constraints
from serving.query import KindShares
from serving.query import Query
from serving.query import SlateItem
from serving.slate_tensors import reading_answer

_NUMBERS = ("price", "created_at")  # of an item, that a model may read


@dataclass(frozen=True, kw_only=True)
class NewItem:
    """An item that the served model has not been trained with."""

    item_id: str
    title: str
    description: str = ""
    categories: tuple[str, ...] = ()
    price: float | None = None  # None = in no price range
    created_at: float | None = None  # seconds since the epoch

    def __post_init__(self):
        if not self.item_id or not self.title:
            raise ValueError(
                "A new item must have an id and a title. Received: "
                f"item_id={self.item_id!r}, title={self.title!r}."
            )
        # A list would leave the item without a hash.
        object.__setattr__(self, "categories", tuple(self.categories))


@dataclass(frozen=True, eq=False)
class OverlayIndex:
    """Vectors of new items, all made by one version. Never changes.

    Attributes:
        version: the version of the model.
        items: M items that the version does not know.
        vectors: float32 `[M, D]`, one per item.
        known: items that turned out to be in the version's own catalogue.
    """

    version: int
    items: tuple[NewItem, ...] = ()
    vectors: np.ndarray = field(
        default_factory=lambda: np.zeros([0, 0], np.float32)
    )
    known: frozenset[NewItem] = frozenset()

    def list_missing(self, wanted: Iterable[NewItem]) -> list[NewItem]:
        """Lists the items that were neither encoded nor found known."""
        met = {*self.items, *self.known}
        return [item for item in wanted if item not in met]

    def keep(self, wanted: Iterable[NewItem]) -> "OverlayIndex":
        """Returns an index without the items that are not wanted."""
        held = set(wanted)
        rows = [row for row, item in enumerate(self.items) if item in held]
        return OverlayIndex(
            self.version,
            tuple(self.items[row] for row in rows),
            self.vectors[rows],
            self.known & held,
        )

    def extend(
        self, client: RecommenderClient, batch: Sequence[NewItem]
    ) -> "OverlayIndex":
        """Returns an index with some items more; three calls to the server.

        Args:
            client: asks `rank`, whether the version knows the items, what
                it reads of new ones, and `encode_items`.
            batch: items, none of them here yet.

        Raises:
            LookupError: the version is gone.
            ValueError: the version encodes an item as NaN or infinity.
        """
        slate = client.rank(Query(), [i.item_id for i in batch], self.version)
        known = {
            item
            for item, ranked in zip(batch, slate[0].items, strict=True)
            if ranked.score > signatures.UNKNOWN_ITEM_SCORE
        }
        fresh = [item for item in batch if item not in known]
        vectors = self.vectors
        if fresh:
            asked = client.list_item_inputs(self.version)
            encoded = client.encode_items(
                [item.title for item in fresh],
                [item.description for item in fresh],
                [item.categories for item in fresh],
                self.version,
                {
                    name: [getattr(item, name) for item in fresh]
                    for name in _NUMBERS
                    if name in asked
                },
            )
            if not np.isfinite(encoded).all():
                raise ValueError(
                    f"Version {self.version} must encode items as finite"
                    " numbers. Received: NaN or infinity among"
                    f" {[item.item_id for item in fresh]}."
                )
            vectors = (
                np.concatenate([vectors, encoded]) if self.items else encoded
            )
        return OverlayIndex(
            self.version, (*self.items, *fresh), vectors, self.known | known
        )

    def list_allowed(self, query: Query, constraints: Constraints) -> list[int]:
        """Lists the rows that a request allows, by the rules of `recommend`."""
        forbidden = find_forbidden(constraints, query.item_ids)
        return [
            row
            for row, item in enumerate(self.items)
            if may_show(item.item_id, item, constraints, forbidden)
        ]

    def score(
        self,
        rows: Sequence[int],
        query: Query,
        embeddings: np.ndarray,
        means: np.ndarray | None,
    ) -> list[SlateItem]:
        """Scores items for a query.

        Args:
            rows: which items.
            query: what was asked.
            embeddings: float32 `[4, D]`, as of `encode_query_parts`.
            means: float32 `[4]`, likewise.

        Returns:
            The items in the order of `rows`, without probability and rating.

        Raises:
            RuntimeError: the version encodes queries and items in different
                widths.
        """
        with reading_answer(signatures.ENCODE_QUERY):
            scores = self.vectors[rows] @ embeddings.T
        shares = [NO_SHARES] * len(rows)
        if means is not None:
            kinds = bool(query.item_ids), bool(query.need)
            shares = [_share_out(one, kinds) for one in scores - means]
        return [
            SlateItem(
                item_id=self.items[row].item_id,
                score=float(score),
                probability=None,
                rating=None,
                shares=share,
            )
            for row, score, share in zip(
                rows, scores[:, 0], shares, strict=True
            )
        ]


def _share_out(scores: np.ndarray, kinds: tuple[bool, bool]) -> KindShares:
    """Divides what raised a new item's score between history and need.

    Nobody has met it, so it is not popular. Each kind is left out of the whole
    query and of the query without the other one, and the mean counts, as in
    `signatures.KIND_SHARES`.

    Args:
        scores: float32 `[4]`, above the mean of the catalogue.
        kinds: whether there is a history, and a need.
    """
    whole, no_history, no_need, neither = scores.tolist()
    raised = (
        (whole - no_history + no_need - neither) / 2.0,
        (whole - no_need + no_history - neither) / 2.0,
    )
    history, need = (
        max(0.0, one) if is_told else 0.0
        for one, is_told in zip(raised, kinds, strict=True)
    )
    total = (history + need) or 1.0
    return KindShares(history=history / total, need=need / total)
