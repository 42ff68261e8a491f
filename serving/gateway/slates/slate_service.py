"""Makes slates: history, model, ranking policy, exposure."""

import dataclasses
import random
import time
from collections.abc import Mapping
from collections.abc import Sequence

from serving.gateway.behavior.behavior_store import BehaviorStore
from serving.gateway.behavior.feedback_config import FeedbackConfig
from serving.gateway.behavior.feedback_loop import FeedbackLoop
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.gateway_metrics import GatewayMetrics
from serving.gateway.ranking.context import RankingContext
from serving.gateway.ranking.ranker import Ranker
from serving.gateway.records.event import Event
from serving.gateway.slates.candidate_finder import CandidateFinder
from serving.gateway.slates.candidate_finder import FoundItems
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.need_reading import ReadNeed
from serving.gateway.slates.need_reading import read_need
from serving.gateway.slates.popularity import Popularity
from serving.gateway.slates.served_slate import ServedSlate
from serving.gateway.slates.served_slate import build_exposure
from serving.gateway.slates.short_slate import LimitingRule
from serving.gateway.slates.short_slate import SlateRules
from serving.gateway.slates.short_slate import explain_short_slate
from serving.gateway.slates.short_slate import limit_by_model
from serving.gateway.slates.short_slate import limit_by_policy
from serving.gateway.slates.slate_order import OrderedSlate
from serving.gateway.slates.slate_order import build_candidates
from serving.gateway.slates.slate_order import order_slate
from serving.gateway.slates.title_neighbours import TitleNeighbours
from serving.gateway.slates.user_arms import UserArms
from serving.gateway.slates.user_arms import choose_arms
from serving.gateway.slates.user_arms import find_arms
from serving.gateway.slates.user_query import MAX_HISTORY
from serving.gateway.slates.user_query import PastUser
from serving.gateway.slates.user_query import SlateRequest
from serving.gateway.slates.user_query import build_query
from serving.gateway.slates.user_query import exclude_categories
from serving.gateway.slates.user_query import exclude_items
from serving.gateway.slates.user_query import find_usual_price
from serving.gateway.slates.user_query import list_refused
from serving.gateway.slates.user_query import select_told
from serving.gateway.slates.user_query import widen_exclusions
from serving.gateway.upstream.model_connection import ModelConnection
from serving.may_show import find_forbidden
from serving.may_show import may_show
from serving.query import Constraints
from serving.query import Explanation
from serving.query import Query


class SlateService:
    """Makes slates, also while the model server is away."""

    def __init__(
        self,
        config: GatewayConfig,
        store: BehaviorStore,
        connection: ModelConnection,
        catalogue: Catalogue,
        loop: FeedbackLoop,
        metrics: GatewayMetrics,
    ):
        """Joins the parts; `loop` holds the ranker."""
        self._config = config
        self._store = store
        self._connection = connection
        self._catalogue = catalogue
        self._ranker: Ranker = loop.ranker
        self._loop = loop
        self._rng = random.Random()
        self._need_seconds = config.slates.need_seconds
        self._metrics = metrics
        self._popularity = Popularity(store, config.slates.popularity_seconds)
        self._neighbours = neighbours = TitleNeighbours(
            catalogue, config.judge, config.slates.max_title_neighbours
        )
        self._finder = CandidateFinder(
            connection, catalogue, self._popularity, neighbours, config.slates
        )

    def recommend(self, request: SlateRequest) -> ServedSlate:
        """Makes the slate of one request; records that it was shown."""
        now = time.time()
        past, is_known = self._read_history(request.user_id)
        events = _join_events(past, request)
        refused = list_refused(events, now, self._config)
        events = select_told(events)
        constraints = widen_exclusions(request.constraints, events, refused)
        past = dataclasses.replace(past, events=events)
        query, need = self._build_query(past, request, now)
        constraints = exclude_items(constraints, need.excluded_item_ids)
        constraints, too_large = exclude_categories(
            constraints, request.excluded_categories, self._catalogue
        )
        arms = self._find_arms(request, now)
        found = self._finder.find(
            request,
            query,
            constraints,
            arms.version_label,
            self._ranker.explores_new_items(arms.policy, request.scenario),
        )
        context = RankingContext(
            scenario=request.scenario,
            now=now,
            usual_price=find_usual_price(events, self._catalogue),
            diversity=request.diversity,
            popularity=request.popularity,
            history_length=len(events),
            model_version=found.version,
            has_need=bool(query.need),
            named_item_ids=need.named_item_ids,
        )
        pinned = self._list_pinned(
            arms.policy, context, constraints, query.item_ids
        )
        ids, slate = self._order(request.k, found, pinned, arms, context)
        exposure = build_exposure(request, now, found, slate, arms)
        rules = SlateRules(
            given=request.constraints,
            excluded_categories=[
                one
                for one in request.excluded_categories
                if one not in too_large
            ],
            need_refuses=frozenset(need.excluded_item_ids),
            user_refused=frozenset(refused),
            history=frozenset(event.item_id for event in events),
        )
        self._metrics.count_slate(found.source, slate.policy)
        if exposure.user_id and exposure.items and not request.is_preview:
            self._loop.show(exposure)
        return ServedSlate(
            exposure=exposure,
            items=slate.items,
            history=query.item_ids,
            is_degraded=found.source != "model" or not is_known,
            unmet=[*need.unmet, *too_large, *_list_unread(need, found)],
            short_because=self._explain_short(
                request.k, rules, query, found, ids, slate
            ),
        )

    def explain(
        self, request: SlateRequest, item_ids: Sequence[str]
    ) -> tuple[Sequence[str], list[Explanation]]:
        """Explains items to a user.

        Args:
            request: as of the slate; its constraints do not matter.
            item_ids: what is explained.

        Returns:
            Item ids that weights count in, and one explanation per item.

        Raises:
            ModelUnavailable: there is no stand-in for explanations.
            OSError: the state cannot be read.
        """
        now = time.time()
        past = self._read_past(request.user_id)
        past = dataclasses.replace(
            past, events=select_told(_join_events(past, request))
        )
        query, _ = self._build_query(past, request, now)
        label = self._find_arms(request, now).version_label
        found = self._connection.explain(query, item_ids, label)
        return query.item_ids, found

    def read_popularity(self) -> Mapping[str, float]:
        """Returns item id to decayed count, of all scenarios."""
        return self._popularity.read("")

    def build_liked(self, item_id: str, timestamp: float) -> Event:
        """Builds the event of a user who likes an item."""
        liked = self._config.feedback.get("like", FeedbackConfig())
        return Event(
            event_id="-",
            user_id="-",
            item_id=item_id,
            event_type=liked.event_type,
            timestamp=timestamp,
            value=self._config.find_value(liked),
        )

    def forget_user(self, user_id: str) -> int:
        """Removes all records of a user; returns how many entries."""
        self._finder.forget_user(user_id)
        self._loop.forget_user(user_id)
        return self._store.forget_user(user_id)

    def warm_up(self) -> None:
        """Gets the slate of an unknown user, the stand-in of last resort."""
        self._finder.keep_cold(Query(query_time=int(time.time())))

    def _find_arms(self, request: SlateRequest, now: float) -> UserArms:
        experiments = self._config.experiments
        arms = find_arms(experiments, request.user_id, request.scenario, now)
        return choose_arms(arms, request.policy, request.version_label)

    def _build_query(
        self, past: PastUser, request: SlateRequest, now: float
    ) -> tuple[Query, ReadNeed]:
        """Builds the query, with what the need asks for, and reads the rest."""
        query = build_query(past, request, now, self._need_seconds)
        need = ReadNeed(text=query.need)
        if request.reads_need:
            need = read_need(query.need, self._catalogue)
        return dataclasses.replace(query, need=need.text), need

    def _read_history(self, user_id: str) -> tuple[PastUser, bool]:
        """Reads what is known of a user; False = the state does not answer."""
        try:
            return self._read_past(user_id), True
        except OSError:
            # The slate of an unknown user is better than none.
            self._metrics.count_unread_history()
            return PastUser(), False

    def _read_past(self, user_id: str) -> PastUser:
        if not user_id:
            return PastUser()
        events = self._store.read_events(user_id, MAX_HISTORY)
        return PastUser(events, self._store.find_profile(user_id))

    def _order(
        self,
        k: int,
        found: FoundItems,
        pinned: Sequence[str],
        arms: UserArms,
        context: RankingContext,
    ) -> tuple[frozenset[str], OrderedSlate]:
        """Returns the ids of all candidates, and the best of them."""
        candidates = build_candidates(
            found,
            pinned,
            self._catalogue,
            self._popularity.read(context.scenario),
        )
        slate = order_slate(
            self._ranker, candidates, context, k, arms, self._rng
        )
        return frozenset(one.item_id for one in candidates), slate

    def _explain_short(
        self,
        k: int,
        rules: SlateRules,
        query: Query,
        found: FoundItems,
        ids: frozenset[str],
        slate: OrderedSlate,
    ) -> list[LimitingRule]:
        if len(slate.items) >= k:
            return []
        new = self._connection.list_new_items(found.version)
        repelled = self._neighbours.list_repelled(new, query)
        return explain_short_slate(
            self._catalogue.list_items(),
            dataclasses.replace(rules, disliked=repelled - ids),
            self._catalogue.find_in_category,
            (
                limit_by_model(found, ids),
                limit_by_policy(len(slate.items), slate.policy),
            ),
        )

    def _list_pinned(
        self,
        policy: str | None,
        context: RankingContext,
        constraints: Constraints,
        history: Sequence[str],
    ) -> list[str]:
        """Lists pinned items that the request allows."""
        forbidden = find_forbidden(constraints, history)
        return [
            item_id
            for item_id in self._ranker.list_pinned_items(context, policy)
            if may_show(
                item_id, self._catalogue.get(item_id), constraints, forbidden
            )
        ]


def _join_events(past: PastUser, request: SlateRequest) -> list[Event]:
    """Joins what is kept of a user with the session, oldest first."""
    events = [*past.events, *request.session]
    return sorted(events, key=lambda event: event.timestamp)


def _list_unread(need: ReadNeed, found: FoundItems) -> list[str]:
    """A need that only its title was known by is no unread one."""
    is_known = found.is_need_read or need.named_item_ids
    return [] if is_known else [need.text]
