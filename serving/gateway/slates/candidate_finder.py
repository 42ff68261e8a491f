"""Finds the candidates of a slate: the model's, or a stand-in's."""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from serving.gateway.gateway_config import SlateConfig
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.fallback import Fallback
from serving.gateway.slates.need_reading import MAX_EXCLUDED
from serving.gateway.slates.popularity import Popularity
from serving.gateway.slates.title_neighbours import TitleNeighbours
from serving.gateway.slates.user_query import SlateRequest
from serving.gateway.slates.user_query import exclude_items
from serving.gateway.upstream.model_connection import ModelConnection
from serving.gateway.upstream.model_unavailable import ModelUnavailable
from serving.may_show import may_show
from serving.query import Constraints
from serving.query import Query
from serving.query import Slate
from serving.query import SlateItem

_TAIL_FACTOR = 20.0  # times the candidates with the slider of popularity at
# its lower end
_MAX_CANDIDATES = 1000
_NUM_NEW = 5  # new items that are found to be explored, however low the model
# ranks them


@dataclass(frozen=True, kw_only=True)
class FoundItems:
    """The candidates of one request.

    Attributes:
        source: "model", or the stand-in's name; see `Exposure`.
        version: of the model; 0 = none was asked.
        items: best first; none of them hidden.
        extra: new items that the model ranks lower, best first; none where
            nobody asked.
        new_item_ids: those of the items that the model was trained without;
            none where nobody asked.
        is_need_read: False = the model's language model has no words of it.
    """

    source: str
    version: int
    items: Sequence[SlateItem]
    extra: Sequence[SlateItem] = ()
    new_item_ids: frozenset[str] = frozenset()
    is_need_read: bool = True


class CandidateFinder:
    """Asks the model for candidates, or takes its stand-in's."""

    def __init__(
        self,
        connection: ModelConnection,
        catalogue: Catalogue,
        popularity: Popularity,
        neighbours: TitleNeighbours,
        config: SlateConfig,
    ):
        """Knows no stand-in yet, see `keep_cold`."""
        self._neighbours = neighbours
        self._connection = connection
        self._catalogue = catalogue
        self._popularity = popularity
        self._num_candidates = config.num_candidates
        self._fallback = Fallback(
            catalogue, config.last_good_seconds, config.num_popular
        )

    def find(
        self,
        request: SlateRequest,
        query: Query,
        constraints: Constraints,
        version_label: str | None,
        finds_new: bool = False,
    ) -> FoundItems:
        """Finds at least as many as the slate is long, if there are so many.

        Args:
            request: whose slate it is, where, and how long.
            query: of that request.
            constraints: all that the slate must keep.
            version_label: of the version to ask; None = as configured.
            finds_new: whether to tell which items are new, and to find some
                that the model ranks low.
        """
        wanted = self._count_wanted(request)
        ask = partial(
            self._connection.recommend,
            version_label=version_label,
            num_new=_NUM_NEW if finds_new else 0,
        )
        try:
            slate = self._ask(ask, (request.k, wanted), query, constraints)
        except ModelUnavailable:
            source, items = self._fallback.find(
                request.user_id,
                request.scenario,
                self._popularity.read(request.scenario),
                constraints,
                frozenset(query.item_ids),
            )
            return FoundItems(source=source, version=0, items=items)
        new = self._connection.list_new_items(slate.model_version)
        parts = [
            # Whoever asks for something in words wants that.
            (slate.items[:wanted], not (query.need and request.reads_need)),
            (slate.items[wanted:], False),
        ]
        items, extra = (
            self._neighbours.merge(
                self._show(part, constraints), new, query, constraints, adds
            )
            if part
            else []
            for part, adds in parts
        )
        known = {item.item_id for item in items}
        if request.user_id and not request.is_preview:
            self._fallback.keep(request.user_id, request.scenario, tuple(items))
        return FoundItems(
            source="model",
            version=slate.model_version,
            items=items,
            extra=[item for item in extra if item.item_id not in known],
            new_item_ids=frozenset(one.item_id for one in new if finds_new),
            is_need_read=slate.is_need_read,
        )

    def keep_cold(self, query: Query) -> None:
        """Asks for the slate of a stranger, the stand-in of last resort.

        Raises:
            ModelUnavailable: the one before stays.
        """
        slate = self._connection.recommend(
            query, self._num_candidates, Constraints()
        )
        self._fallback.keep_cold(tuple(slate.items))

    def forget_user(self, user_id: str) -> None:
        """Drops a user's stand-in."""
        self._fallback.forget_user(user_id)

    def _count_wanted(self, request: SlateRequest) -> int:
        """The best candidates are known to many: the little known come later.

        So the more somebody wants of these, the more candidates are asked for.
        """
        pull = max(0.0, -(request.popularity or 0.0))
        longer = self._num_candidates * (1.0 + pull * (_TAIL_FACTOR - 1.0))
        most = max(_MAX_CANDIDATES, self._num_candidates)
        return max(request.k, min(most, round(longer)))

    def _ask(
        self,
        ask: Callable[[Query, int, Constraints], Slate],
        sizes: tuple[int, int],
        query: Query,
        constraints: Constraints,
    ) -> Slate:
        """Asks the model, which does not know what was told since.

        Most answers hold little that is hidden, or whose price or categories
        have changed. Only where too little is left it is excluded from a
        second one: thousands of ids are not sent each time.

        Args:
            ask: calls the model.
            sizes: how long the slate is, and how many items are asked for.
            query: of the request.
            constraints: all that the slate must keep.
        """
        k, wanted = sizes
        slate = ask(query, wanted, constraints)
        best = slate.items[:wanted]
        # An answer that is shorter than it could be holds all there is.
        if len(self._show(best, constraints)) >= k or len(best) < wanted:
            return slate
        met = {one.item_id for one in slate.items}
        barred = [
            item_id
            for item_id in self._catalogue.list_told_or_hidden()
            if not self._may_show(item_id, constraints)
        ]
        barred.sort(key=lambda item_id: item_id not in met)  # what is met first
        room = max(0, MAX_EXCLUDED - len(constraints.excluded_item_ids))
        return ask(query, wanted, exclude_items(constraints, barred[:room]))

    def _show(
        self, items: Sequence[SlateItem], constraints: Constraints
    ) -> list[SlateItem]:
        return [
            item for item in items if self._may_show(item.item_id, constraints)
        ]

    def _may_show(self, item_id: str, constraints: Constraints) -> bool:
        """Judges by what was told since the model was trained."""
        if self._catalogue.is_hidden(item_id):
            return False
        return not self._catalogue.is_told(item_id) or may_show(
            item_id, self._catalogue.get(item_id), constraints, ()
        )
