"""Orders candidates by the policy of the scenario."""

import dataclasses
import random
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from serving.gateway.ranking.active_rules import ActiveRules
from serving.gateway.ranking.candidate import Candidate
from serving.gateway.ranking.context import RankingContext
from serving.gateway.ranking.diversity import diversify
from serving.gateway.ranking.exploration import Exploration
from serving.gateway.ranking.features import compute_features
from serving.gateway.ranking.filled_places import fill_places
from serving.gateway.ranking.filled_places import insert_pinned
from serving.gateway.ranking.learnt_blend import LearntBlend
from serving.gateway.ranking.new_item_budget import NewItemBudget
from serving.gateway.ranking.ranked_slate import RankedItem
from serving.gateway.ranking.ranked_slate import RankedSlate
from serving.gateway.ranking.ranking_config import DiversityConfig
from serving.gateway.ranking.ranking_config import RankingConfig
from serving.gateway.records.exposure import Exposure

_SLIDER_WEIGHT = 2.0  # that popularity gains at the slider's end
_SPARE_PICKS = 20  # kept diverse beyond the slate: for caps and exploration


class Ranker:
    """Orders slates, and learns from what people do with them.

    Rules drop items first. The rest is blended and boosted; buried items follow
    all others; similar ones are kept apart; caps apply from the top; one place
    may be explored; pinned items get their places last.

    Safe in threads.

    Attributes:
        new_items: what is known of items that no model has met.
    """

    def __init__(self, config: RankingConfig, rng: random.Random):
        """Starts every policy from its fixed weights.

        Args:
            config: the policies.
            rng: decides what is explored.
        """
        self._config = config
        self._rng = rng
        self.new_items = NewItemBudget(
            {name: one.new_items for name, one in config.policies.items()}
        )
        self._blends = {
            name: LearntBlend(
                policy.weights, policy.learning_rate, policy.carried_over
            )
            for name, policy in config.policies.items()
        }

    def rank(
        self,
        candidates: Sequence[Candidate],
        context: RankingContext,
        k: int,
        policy: str | None = None,
        explores: bool = True,
    ) -> RankedSlate:
        """Orders a slate.

        Args:
            candidates: in any order; of two with one id the first counts.
            context: for whom and when.
            k: places, at least 1.
            policy: name of one; None = that of the scenario.
            explores: False = no place is drawn, whatever the policy says.

        Returns:
            At most k items, fewer where rules allow no more.

        Raises:
            ValueError: `k` is below 1, or there is no such policy.
        """
        if k < 1:
            raise ValueError(f"`k` must be at least 1. Received: {k}.")
        name = self._name_policy(policy, context.scenario)
        settings = self._config.policies[name]
        rules = ActiveRules(settings.rules, context.now, context.named_item_ids)
        candidates = rules.drop(candidates)
        features = compute_features(candidates, context)
        scores = self._score(name, features, context)
        scores += [rules.sum_boosts(one) for one in candidates]
        pins = rules.find_pins(candidates, k)
        caps = rules.build_caps()
        for pinned in pins.values():
            caps.add(candidates[pinned].categories)
        diversity = _slide(settings.diversity, context)
        competing, buried = rules.split_buried(candidates, set(pins.values()))
        parts = [
            [row for row in rows if not candidates[row].is_extra]
            for rows in (competing, buried)
        ]
        order = [
            row
            for rows in parts
            for row in _diversify(candidates, scores, rows, diversity, k)
        ]
        filled = fill_places(
            [(row, candidates[row].categories) for row in order],
            len(parts[0]),
            k - len(pins),
            caps,
            self._plan(name, candidates, scores, competing, context.now)
            if explores
            else Exploration(),
            self._rng,
        )
        explored = filled.explored_item
        shown = insert_pinned(filled.order, pins, k)
        items = [
            RankedItem(
                candidate=candidates[row],
                score=float(scores[row]),
                features=features[row],
                propensity=filled.propensity if row == explored else 1.0,
            )
            for row in shown
        ]
        return RankedSlate(
            items=tuple(items),
            policy=name,
            explored_position=shown.index(explored) if explored >= 0 else -1,
            candidates={
                candidates[row].item_id: features[row] for row in filled.pool
            },
        )

    def explores_new_items(self, policy: str | None, scenario: str) -> bool:
        """Tells whether a policy, or that of a scenario, gives them places."""
        name = self._name_policy(policy, scenario)
        return self._config.policies[name].new_items.share > 0.0

    def list_pinned_items(
        self, context: RankingContext, policy: str | None = None
    ) -> list[str]:
        """Lists the items that are pinned now.

        `rank` pins only candidates, so add these to the candidates.

        Raises:
            ValueError: there is no such policy.
        """
        name = self._name_policy(policy, context.scenario)
        rules = self._config.policies[name].rules
        active = ActiveRules(rules, context.now, context.named_item_ids)
        return active.list_pinned_items()

    def learn(self, exposure: Exposure, rewards: Mapping[str, float]) -> None:
        """Learns from one slate; call it once for each.

        Slates of a policy that does not learn, or no longer exists, are
        skipped, and so are slates without any action: they say nothing about
        the order, and many of them would turn the weights against the items at
        the top.

        Args:
            exposure: what was shown.
            rewards: in [0, 1] by item id; not named = not acted upon,
                0 = refused.

        Raises:
            ValueError: a reward is outside [0, 1].
        """
        settings = self._config.policies.get(exposure.policy)
        if settings is not None and settings.learns and rewards:
            self._blends[exposure.policy].learn(exposure, rewards)

    def dump(self) -> dict[str, bytes]:
        """Returns what each policy that learns has learnt, as JSON."""
        return {
            name: self._blends[name].dump() for name in self._list_learning()
        }

    def load(self, documents: Mapping[str, bytes]) -> None:
        """Loads what `dump` returned, here or in another process.

        Steps learnt here meanwhile are added, see `LearntBlend.load`.
        Policies that no longer learn are passed over.

        Raises:
            ValueError: documents are damaged; the others are loaded.
        """
        problems = []
        for name in self._list_learning():
            if name in documents:
                try:
                    self._blends[name].load(documents[name])
                except ValueError as error:
                    problems.append(f"`{name}`: {error}")
        if problems:
            raise ValueError(
                "What policies have learnt must be as it was written. "
                f"Received: {' '.join(problems)}"
            )

    def note_kept(self, policy: str, document: bytes) -> None:
        """Records that the result of `dump` is saved."""
        self._blends[policy].note_kept(document)

    def reset(self, policy: str) -> None:
        """Makes a policy forget what it learnt.

        Raises:
            ValueError: there is no such policy.
        """
        self._blends[self._name_policy(policy, "")].reset()

    def describe(self) -> dict[str, dict]:
        """Returns the weights by policy, as `LearntBlend.describe` does."""
        return {name: one.describe() for name, one in self._blends.items()}

    def _plan(
        self,
        policy: str,
        candidates: Sequence[Candidate],
        scores: np.ndarray,
        rows: Sequence[int],
        now: float,
    ) -> Exploration:
        """Plans what may come into the drawn place; new items of some rows."""
        new = [row for row in rows if candidates[row].is_new]
        by_id = {candidates[row].item_id: row for row in new}
        found = {one: float(scores[row]) for one, row in by_id.items()}
        settings = self._config.policies[policy]
        order = [by_id[one] for one in self.new_items.order(policy, found, now)]
        return Exploration(
            share=settings.exploration,
            new_share=settings.new_items.share,
            new=[(row, candidates[row].categories) for row in order],
        )

    def _score(
        self,
        policy: str,
        features: Sequence[Mapping[str, float]],
        context: RankingContext,
    ) -> np.ndarray:
        """Returns the log-odds by the blend and the user's slider."""
        scores = np.array(self._blends[policy].score(features, context))
        if context.popularity:
            pull = _SLIDER_WEIGHT * context.popularity
            scores += pull * np.array([one["popularity"] for one in features])
        return scores

    def _list_learning(self) -> list[str]:
        policies = self._config.policies
        return [name for name, policy in policies.items() if policy.learns]

    def _name_policy(self, policy: str | None, scenario: str) -> str:
        if policy is None:
            config = self._config
            return config.scenarios.get(scenario, config.default_policy)
        if policy not in self._config.policies:
            raise ValueError(
                "`policy` must be one of "
                f"{', '.join(sorted(self._config.policies))}. Received: "
                f"{policy[:64]!r}."
            )
        return policy


def _slide(
    diversity: DiversityConfig, context: RankingContext
) -> DiversityConfig:
    """Replaces the policy's weight by the user's slider."""
    if context.diversity is None:
        return diversity
    return dataclasses.replace(diversity, weight=context.diversity)


def _diversify(
    candidates: Sequence[Candidate],
    scores: np.ndarray,
    rows: Sequence[int],
    diversity: DiversityConfig,
    k: int,
) -> list[int]:
    """Returns some candidates' rows in their order."""
    order = diversify(
        scores[rows],
        [candidates[row].categories for row in rows],
        k + _SPARE_PICKS,
        diversity.method,
        diversity.weight,
    )
    return [rows[one] for one in order]
