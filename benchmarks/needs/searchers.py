"""What answers needs: our model, and the peers."""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from benchmarks.quality.asked_model import TrainedModel
from benchmarks.quality.asked_model import build_query
from benchmarks.quality.asked_model import load_signature
from benchmarks.quality.datasets import Dataset
from benchmarks.quality.datasets import Item
from benchmarks.quality.interactions import Interactions
from schemas import signatures
from schemas.item_text import compose_item_text
from serving.query import Constraints
from serving.query_tensors import build_constraint_inputs
from serving.query_tensors import build_query_inputs

K = 10
_BATCH = 16
_SATURATION, _LENGTH_SHARE = 1.2, 0.75  # k1 and b of BM25


class OurSearch:
    """Asks `recommend` of an exported model."""

    def __init__(
        self, model: TrainedModel, dataset: Dataset, train: Interactions
    ):
        """Loads the model.

        Args:
            model: is asked.
            dataset: its catalogue answers.
            train: the events that histories are of.
        """
        self._model, self._train = model, train
        self._ask = load_signature(model, signatures.RECOMMEND)
        self._rows = {item: row for row, item in enumerate(dataset.catalog)}
        order = np.lexsort((np.arange(len(train.users)), train.users))
        starts = np.searchsorted(
            train.users[order], np.arange(len(train.user_ids) + 1)
        )
        self._events = {
            user: order[starts[number] : starts[number + 1]]
            for number, user in enumerate(train.user_ids.tolist())
        }

    def __call__(
        self,
        needs: Sequence[str],
        users: Sequence[str] | None = None,
        hidden: Sequence[frozenset[str]] | None = None,
        excluded: Sequence[Sequence[str]] | None = None,
    ) -> np.ndarray:
        """Answers needs.

        Args:
            needs: Q texts.
            users: whose history counts; None = nobody's.
            hidden: items that are left out of each history, so that they may
                be in the slate.
            excluded: items that may not be.

        Returns:
            int64 `[Q, 10]`, rows of the catalogue; -1 = nothing.
        """
        queries = [
            self._build(need, user, left_out)
            for need, user, left_out in zip(
                needs,
                users or [""] * len(needs),
                hidden or [frozenset()] * len(needs),
                strict=True,
            )
        ]
        excluded = excluded or [()] * len(needs)
        slates = np.full((len(needs), K), -1, np.int64)
        for first in range(0, len(needs), _BATCH):
            part = slice(first, first + _BATCH)
            asked = queries[part]
            inputs = build_query_inputs(asked) | build_constraint_inputs(
                [Constraints(excluded_item_ids=ids) for ids in excluded[part]]
            )
            inputs["k"] = np.full(len(asked), K, np.int32)
            for at, slate in enumerate(self._ask(inputs)["item_id"]):
                found = [self._rows[item.decode()] for item in slate if item]
                slates[first + at, : len(found)] = found
        return slates

    def _build(self, need, user, hidden):
        rows = self._events.get(user, np.zeros(0, np.int64))
        data = self._train
        ids = data.item_ids[data.items[rows]]
        kept = rows[[item not in hidden for item in ids]].astype(np.int64)
        query, _ = build_query(self._model, data, kept)
        return dataclasses.replace(query, need=need)


def score_peers(
    items: Sequence[Item], needs: Sequence[str], preset: str
) -> dict[str, np.ndarray]:
    """Scores all items by the peers; float `[Q, N]` each.

    Args:
        items: the catalogue; all peers read the text that we read.
        needs: Q texts.
        preset: the language model, as it comes.
    """
    texts = [
        compose_item_text(one.title, one.description, one.genres)
        for one in items
    ]
    words = _score_words(texts, needs)
    meaning = _score_meaning(texts, needs, preset)
    return {
        "bm25": words,
        "minilm": meaning,
        "sum": _standardise(words) + _standardise(meaning),
    }


def take_first(scores: np.ndarray) -> np.ndarray:
    """The first ten of each query, int64 `[Q, 10]`."""
    return np.argsort(-scores, axis=1, kind="stable")[:, :K]


def _score_words(texts, needs):
    """BM25: Robertson and Zaragoza, 2009, doi:10.1561/1500000019."""
    counter = CountVectorizer(
        token_pattern=r"(?u)\b\w+\b", strip_accents="unicode"
    )
    counts = counter.fit_transform(texts).tocsc().astype(float)
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    norm = 1 - _LENGTH_SHARE + _LENGTH_SHARE * lengths / lengths.mean()
    scores = np.zeros((len(needs), len(texts)))
    for row, query in enumerate(counter.transform(needs)):
        for column in query.indices:
            found = counts[:, [column]].tocoo()
            number = found.nnz
            rarity = math.log1p((len(texts) - number + 0.5) / (number + 0.5))
            share = found.data / (found.data + _SATURATION * norm[found.row])
            scores[row, found.row] += rarity * (_SATURATION + 1) * share
    return scores


def _score_meaning(texts, needs, preset):
    from trainer.backbone.text_backbone import encode_texts
    from trainer.backbone.text_backbone import load_text_backbone
    from trainer.config import TextBackboneConfig

    backbone = load_text_backbone(TextBackboneConfig(preset=preset))
    items = encode_texts(backbone, texts)
    return encode_texts(backbone, needs) @ items.T


def _standardise(scores):
    deviation = scores.std(axis=1, keepdims=True)
    centred = scores - scores.mean(axis=1, keepdims=True)
    return centred / np.maximum(deviation, 1e-9)
