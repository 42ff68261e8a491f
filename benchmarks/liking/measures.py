"""How slates are judged by how people rated what they hold."""

from dataclasses import dataclass

import numpy as np

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries
from benchmarks.quality.ranking_protocol import compute_standard_error
from benchmarks.quality.ranking_protocol import score_slates
from schemas.rating_scale import RatingScale


@dataclass(frozen=True, kw_only=True)
class LikingReport:
    """Means over queries of one target each; `_se` as of `RankingReport`.

    Attributes:
        liked_ndcg_at_10: NDCG@10 of the queries whose target was liked.
        touch_ndcg_at_10: NDCG@10 of all queries.
        graded_ndcg_at_10: likewise, where a target counts +1 if it was rated
            above the mean of its user's history, -1 if below, else 0.
        disliked_share: of the items of slates that their user rated later,
            those that were disliked.
        below_mean_share: of the same, those rated below that mean.
        num_rated: how many these are.
    """

    liked_ndcg_at_10: float
    liked_ndcg_at_10_se: float
    touch_ndcg_at_10: float
    touch_ndcg_at_10_se: float
    graded_ndcg_at_10: float
    graded_ndcg_at_10_se: float
    disliked_share: float
    below_mean_share: float
    num_rated: int


class Judge:
    """Compares slates with the ratings of a dataset."""

    def __init__(
        self, data: Interactions, queries: Queries, scale: RatingScale
    ):
        """Looks up what each user rated after each query.

        Args:
            data: all events, also those held out.
            queries: one target each.
            scale: of the ratings.
        """
        self._queries, self._scale = queries, scale
        order = np.lexsort((np.arange(len(data.users)), data.users))
        starts = np.searchsorted(
            data.users[order], np.arange(len(data.user_ids) + 1)
        )
        self._later: list[dict[int, float]] = []
        self.targets = np.zeros(len(queries))
        self._means = np.zeros(len(queries))
        for query, user in enumerate(queries.users):
            rows = order[starts[user] : starts[user + 1]]
            history = queries.get_rows(query)
            later = rows[~np.isin(rows, history)]
            ratings = dict(
                zip(
                    data.items[later].tolist(),
                    data.values[later].tolist(),
                    strict=True,
                )
            )
            self._later.append(ratings)
            (target,) = queries.get_targets(query)
            self.targets[query] = ratings[int(target)]
            self._means[query] = data.values[history].mean()

    @property
    def is_liked(self) -> np.ndarray:
        """Bool `[Q]`, whose target was liked."""
        return self.targets >= self._scale.positive_value

    def __call__(self, slates: np.ndarray) -> LikingReport:
        """Judges int `[Q, 10]`, -1 = nothing."""
        ndcg = score_slates(slates, self._queries)["ndcg"]
        users, liked = self._queries.users, self.is_liked
        graded = ndcg * np.sign(self.targets - self._means)
        rated, disliked, below = 0, 0, 0
        for slate, later, mean in zip(
            slates, self._later, self._means, strict=True
        ):
            values = [later[item] for item in slate.tolist() if item in later]
            rated += len(values)
            disliked += sum(map(self._scale.is_disliked, values))
            below += sum(value < mean for value in values)
        return LikingReport(
            liked_ndcg_at_10=float(ndcg[liked].mean()),
            liked_ndcg_at_10_se=compute_standard_error(
                ndcg[liked], users[liked]
            ),
            touch_ndcg_at_10=float(ndcg.mean()),
            touch_ndcg_at_10_se=compute_standard_error(ndcg, users),
            graded_ndcg_at_10=float(graded.mean()),
            graded_ndcg_at_10_se=compute_standard_error(graded, users),
            disliked_share=float(disliked / max(rated, 1)),
            below_mean_share=float(below / max(rated, 1)),
            num_rated=rated,
        )
