"""Which new items may still be explored, and which one is the next."""

import math
import threading
from collections.abc import Mapping

from serving.gateway.ranking.new_item_counts import ItemCount
from serving.gateway.ranking.new_item_counts import NewItemCounts
from serving.gateway.ranking.new_item_counts import read_counts
from serving.gateway.ranking.new_item_counts import write_counts
from serving.gateway.ranking.ranking_config import NewItemConfig
from serving.gateway.records.exposure import Exposure

EXPLORED, WORSE, KNOWN = "explored", "worse", "known"
STATES = (EXPLORED, WORSE, KNOWN)

_PRIOR = 1.0  # shape and rate of the Gamma distribution: mean 1, a usual item
_QUANTILE = 1.645  # standard deviations; 95% of the distribution lie below
_DAY = 86_400.0  # seconds
_MAX_MET = 100_000  # ids of new items that are known as such
_MAX_TOLD = 20  # items of one policy that operators are told of


class NewItemBudget:
    """Chooses new items for slates, and stops when enough is known.

    How much better than a usual item one is, is a Gamma distribution: what
    people gave for its shows against what they would have given for a usual
    one. The next one is that whose score and upper bound promise most; an item
    whose upper bound is below 1 is worse than usual, and is explored no more.
    No chance decides here.

    Several processes may count at once: see `load`. Safe in threads.

    Source:
        Upper quantiles as the index: Kaufmann, Cappe, Garivier, AISTATS 2012
        (Bayes-UCB), here with one fixed quantile, as the budget bounds what is
        lost.
    """

    def __init__(self, policies: Mapping[str, NewItemConfig]):
        """Knows nothing yet.

        Args:
            policies: the settings of each policy, by its name.
        """
        self._policies = {
            name: one for name, one in policies.items() if one.share > 0.0
        }
        self._lock = threading.Lock()  # held while the three below change
        self._counts = NewItemCounts()
        self._kept = self._counts  # what others know of it
        self._met: frozenset[str] = frozenset()  # ids of new items

    @property
    def is_on(self) -> bool:
        """Whether a policy explores new items."""
        return bool(self._policies)

    @property
    def has_news(self) -> bool:
        """Whether something was counted that others do not know."""
        return self._counts is not self._kept

    def order(
        self, policy: str, scores: Mapping[str, float], now: float
    ) -> list[str]:
        """Orders the new items of a request that may still be explored.

        Args:
            policy: name of one; none is explored by one without a share.
            scores: log-odds by the id of each new candidate.
            now: seconds since the epoch.

        Returns:
            Ids, the first choice first.
        """
        if policy not in self._policies:
            return []
        with self._lock:
            if not self._met.issuperset(scores):
                # Those of slates that still wait are forgotten at worst.
                met = self._met if len(self._met) < _MAX_MET else frozenset()
                self._met = met.union(scores)
            counts = self._counts.items
        found = {
            item_id: score + math.log(compute_upper_bound(one))
            for item_id, score in scores.items()
            for one in [counts.get(item_id, ItemCount())]
            if judge(one, self._policies[policy], now) == EXPLORED
        }
        return sorted(found, key=lambda item_id: (-found[item_id], item_id))

    def learn(self, exposure: Exposure, rewards: Mapping[str, float]) -> None:
        """Counts one slate, of whatever policy; call it once for each.

        Args:
            exposure: what was shown.
            rewards: in [0, 1] by item id; not named = not acted upon.
        """
        with self._lock:
            self._counts = self._counts.count(exposure, rewards, self._met)

    def dump(self) -> bytes:
        """Returns all counts as a JSON document for `load`."""
        return write_counts(self._counts)

    def load(self, document: bytes) -> None:
        """Loads what another process has dumped, or changes nothing.

        What was counted here since `load` or `note_kept` is added to it.

        Raises:
            ValueError: the document is damaged, or of something else.
        """
        found = read_counts(document)
        with self._lock:
            news = self._counts.add(self._kept, -1)
            has_news = self.has_news
            self._kept = found
            self._counts = found.add(news) if has_news else found

    def note_kept(self, document: bytes) -> None:
        """Notes that a document of `dump` is what others will load."""
        kept = read_counts(document)
        with self._lock:
            is_all = write_counts(self._counts) == document
            self._kept = self._counts if is_all else kept

    def describe(self, now: float) -> dict[str, dict]:
        """Returns what is known, for monitoring.

        Args:
            now: seconds since the epoch.

        Returns:
            By policy that explores new items: how many are `explored` still,
            found `worse` than usual, or `known` enough; their `shows`; and of
            the `items` shown first lately state, shows, rewards, and what
            people would have given for a usual item (`expected`).
        """
        counts = self._counts.items
        return {
            name: _describe(counts, config, now)
            for name, config in self._policies.items()
        }


def judge(count: ItemCount, config: NewItemConfig, now: float) -> str:
    """Tells whether an item is explored, worse than usual, or known."""
    if compute_upper_bound(count) < 1.0:
        return WORSE
    is_over = (
        count.shows >= config.max_shows
        or now - count.since > config.max_days * _DAY
    )
    return KNOWN if is_over else EXPLORED


def compute_upper_bound(count: ItemCount) -> float:
    """Returns how many times as good as a usual item one may be.

    Source:
        the quantile of a Gamma distribution by Wilson and Hilferty, PNAS 1931,
        doi:10.1073/pnas.17.12.684.
    """
    shape = _PRIOR + count.rewards
    root = 1.0 - 1.0 / (9.0 * shape) + _QUANTILE / (3.0 * math.sqrt(shape))
    return shape * root**3 / (_PRIOR + count.expected)


def _describe(
    counts: Mapping[str, ItemCount], config: NewItemConfig, now: float
) -> dict:
    states = {i: judge(one, config, now) for i, one in counts.items()}
    newest = sorted(counts, key=lambda i: counts[i].since, reverse=True)
    return {
        "shows": sum(one.shows for one in counts.values()),
        **{
            name: sum(state == name for state in states.values())
            for name in STATES
        },
        "items": {
            item_id: {
                "state": states[item_id],
                "shows": counts[item_id].shows,
                "rewards": counts[item_id].rewards,
                "expected": counts[item_id].expected,
            }
            for item_id in newest[:_MAX_TOLD]
        },
    }
