"""SASRec of the package `rectools`, on PyTorch."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries
from benchmarks.quality.ranking_protocol import K

_SEED = 42


@dataclass
class SasRec:
    """A causal transformer over item ids, softmax over the whole catalogue.

    Source:
        Kang and McAuley, ICDM 2018, doi:10.1109/ICDM.2018.00035, with the
        loss of Klenitskiy and Vasilev, RecSys 2023,
        doi:10.1145/3604915.3610644.
    """

    num_factors: int = 64
    num_epochs: int = 20
    dropout: float = 0.2
    max_window: int = 100  # events; older ones are not read

    def fit(self, train: Interactions) -> None:
        """Trains on the sequences of all users."""
        from pytorch_lightning import Trainer
        from pytorch_lightning import seed_everything
        from rectools.models import SASRecModel

        def build_trainer() -> Trainer:
            return Trainer(
                accelerator="cpu",
                devices=1,
                max_epochs=self.num_epochs,
                min_epochs=self.num_epochs,
                logger=False,
                enable_checkpointing=False,
                enable_progress_bar=False,
                enable_model_summary=False,
            )

        seed_everything(_SEED, verbose=False)
        self._model = SASRecModel(
            n_factors=self.num_factors,
            n_blocks=2,
            n_heads=1,
            dropout_rate=self.dropout,
            session_max_len=self.max_window,
            loss="softmax",
            lr=1e-3,
            batch_size=64,
            epochs=self.num_epochs,
            verbose=0,
            recommend_torch_device="cpu",
            get_trainer_func=build_trainer,
        )
        self._model.fit(_build_dataset(train.users, train.items))

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Scores the 10 best items that the history lacks.

        Returns:
            float32 `[Q, I]`; -inf for all other items.
        """
        scores = np.full(weights.shape, -np.inf, np.float32)
        asked = np.repeat(np.arange(len(queries)), np.diff(queries.offsets))
        known = set(self._model.data_preparator.get_known_item_ids())
        is_known = np.array([item in known for item in queries.history], bool)
        if not is_known.any():
            return scores
        slates = self._model.recommend(
            users=np.unique(asked[is_known]),
            dataset=_build_dataset(asked[is_known], queries.history[is_known]),
            k=K,
            filter_viewed=True,
        )
        rows, items, ranks = (
            slates[name].to_numpy() for name in ("user_id", "item_id", "rank")
        )
        scores[rows, items] = -ranks
        return scores


def _build_dataset(users: np.ndarray, items: np.ndarray) -> object:
    """Builds the package's data of events in order of time."""
    import pandas as pd
    from rectools.dataset import Dataset

    order = pd.to_datetime(np.arange(len(users)), unit="s")
    return Dataset.construct(
        pd.DataFrame(
            {
                "user_id": users,
                "item_id": items,
                "weight": 1.0,
                "datetime": order,
            }
        )
    )
