"""How slates for needs are judged."""

import re
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks.quality.datasets import Item

_HAND_MADE = Path(__file__).parent / "hand_made.yaml"
_SLATE = 10
_MIN_TITLED = 3  # items of a slate whose title has the word
_YEAR = re.compile(r"\((\d{4})\)")


def score_slates(
    slates: np.ndarray, answers: Sequence[frozenset[int]]
) -> dict[str, np.ndarray]:
    """Scores slates by how many answers they hold, and where.

    Args:
        slates: int `[Q, 10]`, -1 = nothing.
        answers: Q sets of rows.

    Returns:
        `ndcg_at_10` and `recall_at_10` (of ten answers at most), `[Q]` each.
    """
    gains = 1.0 / np.log2(np.arange(slates.shape[1]) + 2.0)
    ndcg, recall = [], []
    for slate, wanted in zip(slates, answers, strict=True):
        hits = np.array([row in wanted for row in slate.tolist()])
        most = min(len(wanted), len(gains))
        ndcg.append(gains[hits].sum() / gains[:most].sum())
        recall.append(hits.sum() / most)
    return {"ndcg_at_10": np.array(ndcg), "recall_at_10": np.array(recall)}


def load_hand_made() -> list[dict[str, Any]]:
    """Loads the needs that were made by hand, with what must hold."""
    return yaml.safe_load(_HAND_MADE.read_text(encoding="utf-8"))


def is_obeyed(slate: Sequence[Item], case: Mapping[str, Any]) -> bool:
    """Whether a slate is what a hand-made need asks for.

    Args:
        slate: ten items; fewer are no answer.
        case: an entry of hand_made.yaml, whose head says what its keys mean.
    """
    titles = [item.title for item in slate]
    return (
        len(slate) == _SLATE
        and all({*case.get("has", ())} <= {*one.genres} for one in slate)
        and not any({*case.get("has_not", ())} & {*one.genres} for one in slate)
        and not {*case.get("is_not", ())} & {*titles}
        and titles[0] == case.get("first", titles[0])
        and all(_is_within(title, case.get("years")) for title in titles)
        and sum(case.get("any_title", "") in title for title in titles)
        >= _MIN_TITLED
    )


def _is_within(title, years):
    if years is None:
        return True
    found = _YEAR.findall(title)
    return bool(found) and years[0] <= int(found[-1]) <= years[1]
