"""Neighbours of well-known items: by text, by behaviour, and fused."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from pipeline.report.diagnostics.co_occurrence import normalize_rows
from pipeline.report.diagnostics.evidence import Evidence

KINDS = ("text", "behaviour", "fused")


@dataclass(frozen=True, kw_only=True)
class Neighborhood:
    """An item and its nearest others, rows of the catalogue."""

    item: int
    nearest: dict[str, list[int]]  # by kind; nearest first


def find_neighborhoods(
    evidence: Evidence, num_items: int, num_neighbors: int
) -> list[Neighborhood]:
    """Finds the neighbours of the most popular items.

    All three kinds search the same items, those whose fused vectors training
    logged, and compare by cosine: of text vectors; of the sets of users with an
    event; of vectors of the trained index.

    Args:
        evidence: of a run.
        num_items: how many of the most popular items of the train split.
        num_neighbors: how many neighbours of each.

    Returns:
        Most popular first. Items that share no user with any other have
        fewer neighbours by behaviour.
    """
    fused = evidence.fused_map
    users = normalize_rows(evidence.train.build_incidence())[fused.rows]
    text = evidence.text_vectors[fused.rows]
    counts = evidence.train.counts[fused.rows]
    found = []
    for place in np.argsort(-counts, kind="stable")[:num_items]:
        cosines = {
            "text": text @ text[place],
            "behaviour": _compare_users(users, place),
            "fused": fused.vectors @ fused.vectors[place],
        }
        nearest = {
            kind: fused.rows[_take_nearest(values, place, num_neighbors)]
            for kind, values in cosines.items()
        }
        found.append(
            Neighborhood(
                item=int(fused.rows[place]),
                nearest={k: v.tolist() for k, v in nearest.items()},
            )
        )
    return found


def compute_overlap(
    neighborhoods: list[Neighborhood], one: str, other: str
) -> float:
    """Returns the mean share of `one`'s neighbours that are `other`'s too."""
    shares = [
        len({*n.nearest[one]} & {*n.nearest[other]}) / len(n.nearest[one])
        for n in neighborhoods
        if n.nearest[one]
    ]
    return sum(shares) / max(len(shares), 1)


def _compare_users(users: sp.csr_array, place: int) -> np.ndarray:
    cosines = (users @ users[[place]].T).toarray()[:, 0]
    return np.where(cosines > 0, cosines, -np.inf)


def _take_nearest(values: np.ndarray, place: int, count: int) -> np.ndarray:
    values = values.copy()
    values[place] = -np.inf
    nearest = np.argsort(-values, kind="stable")[:count]
    return nearest[np.isfinite(values[nearest])]
