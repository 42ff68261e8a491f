"""Logs slates, takes feedback, and lets policies learn."""

import contextlib
import logging
import random
import threading
import time
import uuid
from collections.abc import Mapping

from schemas.events import UNDO
from serving.gateway.behavior.behavior_store import BehaviorStore
from serving.gateway.behavior.pending_slates import PendingSlates
from serving.gateway.behavior.state.state_limits import StateLimits
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.gateway_metrics import GatewayMetrics
from serving.gateway.ranking.ranker import Ranker
from serving.gateway.records.event import Event
from serving.gateway.records.exposure import Exposure

_logger = logging.getLogger(__name__)
_DOCUMENT = "ranking-2/"  # prefix of the documents that blends are kept in
_FIRST_DOCUMENT = "ranking/"  # of releases whose weights had no version; an
# older release goes on with these after a rollback
_NEW_ITEMS = "new-items-1"  # the document that their counts are kept in
_MAX_TRIES = 3  # to be faster than other gateways


class FeedbackLoop:
    """Logs slates and feedback, and lets the blends learn from them.

    Weights, and counts of new items, are saved every few seconds and at the
    end; a kill loses the steps since. Several gateways on one state learn
    together: each loads what the others have saved, and adds its own steps.
    Slates and learning continue while the state is away.
    """

    def __init__(
        self,
        config: GatewayConfig,
        store: BehaviorStore,
        metrics: GatewayMetrics,
    ):
        """Builds the ranker and loads what it had learnt.

        While the state is away that is left to `tend`.
        """
        self._config = config
        self._store = store
        self._metrics = metrics
        self.ranker = Ranker(config.ranking, random.Random())
        self._pending = PendingSlates(
            self._learn,
            config.slates.max_pending,
            config.slates.settle_seconds,
        )
        self._unsaved: set[str] = set()  # policies that have learnt
        self._loaded: dict[str, bytes | None] = {}  # what was found, by policy
        self._loaded_counts: bytes | None = None  # of new items, likewise
        self._keeping = threading.Lock()  # held while weights come or go
        self._save_at = 0.0  # by time.monotonic
        with contextlib.suppress(OSError):
            self._synchronise()

    def show(self, exposure: Exposure) -> None:
        """Records that a slate was shown.

        The user has it already, so a failure of the log is counted and not
        raised.
        """
        try:
            self._store.record_exposure(exposure)
        except OSError as error:
            self._metrics.count_lost_exposure()
            _logger.warning("A slate is not in the log: %s", error)
            return
        self._pending.put(exposure)
        self._metrics.set_pending(len(self._pending))

    def give(self, feedback: str, event: Event) -> int:
        """Stores one feedback durably, as a reward of its slate.

        Args:
            feedback: a key of the configuration's `feedback`.
            event: what it is in the log; its value stands if it has one.

        Returns:
            1, or 0 if the event was known already.

        Raises:
            OSError: it could not be kept.
        """
        fresh = self._store.record_events([event])
        if fresh:
            reward = self._config.feedback[feedback].reward
            self._pending.reward(event, reward)
            self._metrics.count_feedback(feedback)
        return len(fresh)

    def undo(self, user_id: str, event_id: str) -> bool:
        """Takes back an event of a user, as if it had never been recorded.

        A slate that has settled meanwhile stays learnt from.

        Returns:
            False = no such event is kept.

        Raises:
            OSError: the state is away, or it could not be kept.
        """
        kept = self._store.read_events(user_id, StateLimits.events_per_user)
        event = next((one for one in kept if one.event_id == event_id), None)
        if event is None:
            return False
        undo = Event(
            event_id=build_event_id(),
            user_id=user_id,
            item_id=event.item_id,
            event_type=UNDO,
            timestamp=time.time(),
            text=event_id,
            scenario=event.scenario,
        )
        self._store.record_events([undo])
        self._pending.take_back(event)
        return True

    def record(self, events: list[Event]) -> int:
        """Stores events durably; those that answer a slate are its reward.

        Returns:
            How many were new.

        Raises:
            OSError: none could be kept.
        """
        fresh = self._store.record_events(events)
        for event in fresh:  # a repeated one may have been taken back
            kind = self._config.find_feedback(event.event_type, event.value)
            if event.slate_id and kind is not None:
                self._pending.reward(event, kind.reward)
        self._metrics.count_events(len(fresh))
        return len(fresh)

    def describe_policies(self) -> dict[str, dict]:
        """Returns what each policy has learnt, for monitoring.

        Returns:
            By policy, what `LearntBlend.describe` returns, and where it
            explores new items, under `new_items`, what `NewItemBudget.describe`
            does.
        """
        new_items = self.ranker.new_items.describe(time.time())
        return {
            name: told | {"new_items": new_items[name]}
            if name in new_items
            else told
            for name, told in self.ranker.describe().items()
        }

    def forget_user(self, user_id: str) -> None:
        """Drops slates that wait for a user's feedback."""
        self._pending.forget_user(user_id)

    def reset(self, policy: str) -> None:
        """Makes a policy forget what it learnt, in all gateways.

        Raises:
            ValueError: there is no such policy.
            OSError: it could not be saved, or what it learnt earlier is still
                to be loaded and would come back.
        """
        self._synchronise()
        self.ranker.reset(policy)
        self._unsaved.add(policy)
        self._synchronise()

    def tend(self) -> None:
        """Loads other gateways' weights, and saves new steps.

        Call it every few seconds, from one thread.

        Raises:
            OSError: the state is away; a later call does it.
        """
        now = time.monotonic()
        if now >= self._save_at:
            self._synchronise()
            self._save_at = now + self._config.slates.save_seconds

    def close(self) -> None:
        """Learns from waiting slates, and saves."""
        self._pending.settle_all()
        try:
            self._synchronise()
        except OSError as error:
            _logger.warning("What was learnt last is lost: %s", error)

    def _learn(self, exposure: Exposure, rewards: Mapping[str, float]) -> None:
        if exposure.source != "model":
            return  # a stand-in was not ordered by the blend
        if self.ranker.new_items.is_on:
            self.ranker.new_items.learn(exposure, rewards)
        self.ranker.learn(exposure, rewards)
        self._unsaved.add(exposure.policy)

    def _synchronise(self) -> None:
        """Loads the saved weights, adds new steps, and saves them."""
        with self._keeping:  # what could not be loaded is not written over
            for policy in self._config.ranking.policies:
                for _ in range(_MAX_TRIES):
                    self._load(policy)
                    if self._save(policy):
                        break
            if self.ranker.new_items.is_on:
                self._synchronise_new_items()

    def _synchronise_new_items(self) -> None:
        """Loads the saved counts of new items, adds new ones, and saves."""
        counts = self.ranker.new_items
        for _ in range(_MAX_TRIES):
            found = self._store.load_document(_NEW_ITEMS)
            if found is not None and found != self._loaded_counts:
                try:
                    counts.load(found)
                except ValueError as error:
                    _logger.warning("Counts are made anew: %s", error)
            self._loaded_counts = found
            if not counts.has_news:
                return
            document = counts.dump()
            if self._store.replace_document(_NEW_ITEMS, found, document):
                counts.note_kept(document)
                self._loaded_counts = document
                return

    def _load(self, policy: str) -> None:
        document = self._store.load_document(_DOCUMENT + policy)
        is_known = policy in self._loaded and document == self._loaded[policy]
        self._loaded[policy] = document
        if document is None:
            document = self._store.load_document(_FIRST_DOCUMENT + policy)
        if document is None or is_known:
            return
        try:
            self.ranker.load({policy: document})
        except ValueError as error:
            # The gateway starts with a fresh blend.
            _logger.warning("What was learnt cannot be used: %s", error)

    def _save(self, policy: str) -> bool:
        """Saves a policy's weights; False = another gateway was faster."""
        if policy not in self._unsaved:
            return True
        self._unsaved.discard(policy)  # what comes from here on is saved later
        is_done = False
        try:
            document = self.ranker.dump().get(policy)
            is_done = document is None or self._store.replace_document(
                _DOCUMENT + policy, self._loaded[policy], document
            )
        finally:
            if not is_done:
                self._unsaved.add(policy)
        if is_done and document is not None:
            self._loaded[policy] = document
            self.ranker.note_kept(policy, document)
        return is_done


def build_event_id() -> str:
    """A name for an event that came without one."""
    return uuid.uuid4().hex
