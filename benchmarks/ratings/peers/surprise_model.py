"""Rating models of the package `scikit-surprise`, as they are."""

from dataclasses import dataclass
from typing import Any
from typing import Literal

import numpy as np

from benchmarks.quality.interactions import Interactions

_SEED = 42
_USER_DAMPING = 15.0  # surprise's default, of baselines


@dataclass
class SurpriseModel:
    """SVD, SVD++ or KNN with baselines, as trained.

    A user who was not in training is predicted by the item's bias alone, and
    later ratings of a user are not used.
    """

    kind: Literal["svd", "svdpp", "knn_baseline"]
    size: int = 50  # factors, or neighbours
    regularization: float = 0.05  # of factors
    num_epochs: int = 20
    by_user: bool = False  # neighbours are users instead of items

    def fit(self, train: Interactions) -> None:
        """Fits the package's model; seeded."""
        self.algorithm = fit_surprise(self, train)

    def predict(
        self, user: int, items: np.ndarray, values: np.ndarray, item: int
    ) -> float:
        """Predicts one rating, as RatingPeer says."""
        return self.algorithm.predict(int(user), int(item)).est


def fit_surprise(settings: SurpriseModel, train: Interactions) -> Any:
    """Fits the package's model; raw ids are positions.

    Returns:
        The package's fitted algorithm.
    """
    import pandas as pd
    import surprise

    scale = (float(train.values.min()), float(train.values.max()))
    frame = pd.DataFrame(
        {"user": train.users, "item": train.items, "rating": train.values}
    )
    ratings = surprise.Dataset.load_from_df(
        frame, surprise.Reader(rating_scale=scale)
    ).build_full_trainset()
    if settings.kind == "knn_baseline":
        similarity = {
            "name": "pearson_baseline",
            "user_based": settings.by_user,
        }
        return surprise.KNNBaseline(
            settings.size,
            sim_options=similarity,
            bsl_options={"method": "als", "reg_u": _USER_DAMPING},
            verbose=False,
        ).fit(ratings)
    build = surprise.SVD if settings.kind == "svd" else surprise.SVDpp
    return build(
        n_factors=settings.size,
        n_epochs=settings.num_epochs,
        reg_all=settings.regularization,
        random_state=_SEED,
    ).fit(ratings)


def number_items(algorithm: Any, num_items: int) -> np.ndarray:
    """Returns int64 `[I]`, the model's own number of each item, -1 = none."""
    numbers = np.full(num_items, -1, np.int64)
    trainset = algorithm.trainset
    for number in trainset.all_items():
        numbers[trainset.to_raw_iid(number)] = number
    return numbers
