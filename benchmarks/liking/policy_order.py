"""The order that a gateway's default policy gives the model's candidates."""

import random
from collections.abc import Sequence

from serving.gateway.gateway_config import SlateConfig
from serving.gateway.ranking.candidate import Candidate
from serving.gateway.ranking.context import RankingContext
from serving.gateway.ranking.ranker import Ranker
from serving.gateway.ranking.ranking_config import RankingConfig


class PolicyOrder:
    """Orders answers of `recommend` as a gateway without settings does.

    Nothing has been learnt yet, nothing is explored, and what the gateway knows
    of popularity and facts does not count in the default policy.

    Attributes:
        num_candidates: that a gateway asks the model for.
    """

    def __init__(self):
        """Takes all settings' defaults."""
        self.num_candidates = SlateConfig().num_candidates
        self._ranker = Ranker(RankingConfig(), random.Random(0))

    def __call__(
        self,
        item_ids: Sequence[str],
        scores: Sequence[float],
        probabilities: Sequence[float],
    ) -> list[str]:
        """Returns the ids in order of the policy.

        Args:
            item_ids: N candidates, "" = none.
            scores: of each, by the model.
            probabilities: of a positive event with each.
        """
        told = zip(item_ids, scores, probabilities, strict=True)
        candidates = [
            Candidate(
                item_id=item_id,
                score=float(score),
                probability=float(probability),
            )
            for item_id, score, probability in told
            if item_id
        ]
        if not candidates:
            return []
        slate = self._ranker.rank(
            candidates,
            RankingContext(now=0.0),
            len(candidates),
            explores=False,
        )
        return [one.candidate.item_id for one in slate.items]
