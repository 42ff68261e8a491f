"""Measures one method of adaptation, in its own process.

    python -m benchmarks.adaptation.run '{"method": "lora", ...}'

`benchmarks.adaptation` starts it; the last line printed is a JSON object.
"""

import dataclasses
import json
import logging
import resource
import statistics
import sys
import time
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from benchmarks.quality.datasets import load_small
from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries
from benchmarks.quality.ranking_protocol import evaluate
from benchmarks.quality.ranking_protocol import recommend
from benchmarks.quality.splits import split_cold_items
from benchmarks.quality.splits import split_leave_last

# A single draw of 10% of the items is a poor estimate: the few popular items in
# it have most of the events. The first test draw is that of `quality`.
_TEST_SEEDS = (42, 43, 44)
_VALIDATION_SEEDS = (7, 8, 9)  # of what the test draws leave
_MAX_HISTORY = 50  # events of a query that are averaged
_WARM_UP = 2  # steps that trace graphs: not timed
_PAIR_DISTANCE = 3
_SEED = 42


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of one process.

    Attributes:
        method: of `AdaptationConfig`.
        num_steps: updates.
        batch_size: pairs a step.
        learning_rate: None = the method's own.
        is_validation: use other held-out items than the test, which are then
            left out of everything.
        num_epochs: of the towers on top; 0 = none.
        gradient_checkpointing: of `AdaptationConfig`.
        accumulation_steps: of `AdaptationConfig`.
    """

    method: str
    num_steps: int
    batch_size: int
    learning_rate: float | None = None
    is_validation: bool = False
    num_epochs: int = 0
    gradient_checkpointing: bool = False
    accumulation_steps: int = 1


@dataclasses.dataclass(frozen=True)
class Task:
    """Training data and queries.

    Attributes:
        pairs_from: events for text pairs: without cold items and without any
            user's last event.
        cold: queries for the held-out items of each draw.
        train: all events except each user's last.
        last: queries for each user's last event.
    """

    pairs_from: Interactions
    cold: tuple[Queries, ...]
    train: Interactions
    last: Queries


class MeanText:
    """Scores items by the cosine of their text to the mean of the history's."""

    def __init__(self, vectors: np.ndarray):
        """Takes float32 `[I, T]`, unit length."""
        self._vectors = vectors

    def fit(self, train: Interactions) -> None:
        """Does nothing: the vectors are fixed."""

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Returns float32 `[Q, I]`."""
        means = weights @ self._vectors
        return means @ self._vectors.T


def split(interactions: Interactions, is_validation: bool) -> Task:
    """Splits once for both protocols, so that one adaptation is enough."""
    if is_validation:
        for seed in _TEST_SEEDS:
            interactions, _ = split_cold_items(interactions, seed)
    warm = interactions
    cold = []
    for seed in _VALIDATION_SEEDS if is_validation else _TEST_SEEDS:
        warm, queries = split_cold_items(warm, seed)
        cold.append(queries)
    train, last = split_leave_last(interactions)
    is_cold = np.any([draw.is_candidate for draw in cold], axis=0)
    return Task(
        pairs_from=train.select(~is_cold[train.items]),
        cold=tuple(cold),
        train=train,
        last=last,
    )


def shorten(queries: Queries) -> Queries:
    """Keeps the last events of each history; targets stay as they are."""
    rows = [queries.get_rows(q)[-_MAX_HISTORY:] for q in range(len(queries))]
    kept = [queries.get_history(q)[-_MAX_HISTORY:] for q in range(len(queries))]
    ends = np.cumsum([0] + [len(one) for one in rows])
    return dataclasses.replace(
        queries,
        offsets=ends,
        rows=np.concatenate(rows),
        history=np.concatenate(kept),
    )


def measure(settings: Settings) -> dict:
    """Adapts, encodes, asks.

    Returns:
        Figures by name; `steps` are seconds and CPU seconds of each update.
    """
    import schemas  # noqa: F401  sets the Keras environment
    from schemas.item_text import compose_item_text
    from trainer.backbone.adaptation import BehaviorWindow
    from trainer.backbone.adaptation import adapt_backbone
    from trainer.backbone.adaptation import build_text_pairs
    from trainer.backbone.text_backbone import load_text_backbone
    from trainer.config import AdaptationConfig
    from trainer.config import TextBackboneConfig

    dataset = load_small()
    task = split(dataset.interactions, settings.is_validation)
    texts = [
        compose_item_text(item.title, item.description, item.genres)
        for item in dataset.list_texts()
    ]
    ids = dataset.interactions.item_ids
    config = AdaptationConfig(
        method=settings.method,
        num_steps=settings.num_steps,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        pair_distance=_PAIR_DISTANCE,
        gradient_checkpointing=settings.gradient_checkpointing,
        accumulation_steps=settings.accumulation_steps,
    )
    pairs = build_text_pairs(
        (
            BehaviorWindow(ids[items])
            for items in _list_by_user(task.pairs_from)
        ),
        dict(zip(ids, texts, strict=True)),
        config,
        _SEED,
    )
    backbone = load_text_backbone(TextBackboneConfig())
    clock = [(time.perf_counter(), time.process_time())]
    report = adapt_backbone(
        backbone,
        pairs,
        config,
        _SEED,
        on_step=lambda step, loss: clock.append(
            (time.perf_counter(), time.process_time())
        ),
    )
    steps = np.diff(np.array(clock), axis=0)[_WARM_UP:]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kB on Linux
    result = {
        "method": settings.method,
        "trainable_parameters": report.num_trainable_parameters,
        "seconds_a_step": _median(steps[:, 0]),
        "cpu_seconds_a_step": _median(steps[:, 1]),
        "peak_megabytes": peak / 1024,
        "num_pairs": len(pairs),
        "losses": report.losses,
    }
    return result | _ask(backbone, texts, task, settings)


def _ask(backbone, texts, task, settings):
    from benchmarks.adaptation.towers import rank_last_items
    from trainer.backbone.text_backbone import encode_texts

    draws = [shorten(draw) for draw in task.cold]
    wanted = np.any([draw.is_candidate for draw in draws], axis=0)
    for draw in draws:
        wanted[draw.history] = True
    if settings.num_epochs:
        wanted[:] = True
    rows = np.flatnonzero(wanted)
    vectors = np.zeros((len(texts), backbone.embedding_dim), np.float32)
    vectors[rows] = encode_texts(backbone, [texts[row] for row in rows])
    reports = [
        evaluate(recommend(MeanText(vectors), draw), draw) for draw in draws
    ]
    ndcg = np.array([report.ndcg_at_10 for report in reports])
    errors = np.array([report.ndcg_at_10_se for report in reports])
    figures = {
        "cold_items_ndcg_at_10": float(ndcg.mean()),
        # By user, within the draws; how they differ is in the next line.
        "cold_items_ndcg_at_10_se": float(np.hypot.reduce(errors) / len(ndcg)),
        "cold_items_ndcg_at_10_by_draw": ndcg.tolist(),
    }
    if settings.num_epochs:
        gains = rank_last_items(
            vectors, task.train, task.last, settings.num_epochs
        )
        figures["leave_last_ndcg_at_10"] = float(gains.mean())
        figures["leave_last_ndcg_at_10_se"] = float(
            gains.std() / np.sqrt(len(gains))
        )
    return figures


def _list_by_user(interactions: Interactions) -> Iterator[np.ndarray]:
    """Items of each user, oldest first."""
    order = np.argsort(interactions.users, kind="stable")
    starts = np.flatnonzero(np.diff(interactions.users[order])) + 1
    return iter(np.split(interactions.items[order], starts))


def _median(values):
    return statistics.median(values.tolist()) if len(values) else 0.0


def main() -> None:
    """Reads settings from the first argument, prints figures last."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = Settings(**json.loads(sys.argv[1]))
    sys.stdout.write(json.dumps(measure(settings)) + "\n")


if __name__ == "__main__":
    main()
