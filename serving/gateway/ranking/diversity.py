"""Orders that keep similar items apart: MMR, and greedy MAP of a DPP."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

# Added to the diagonal of a DPP's kernel: a second item of the very same
# categories stays possible, at exp(-3) of the volume of a novel one.
_NOVELTY = 0.05
_MAX_COMPARED = 500  # the best by score; memory grows with the square
_MAX_DPP_WEIGHT = 0.99  # scores still decide between equal volumes
_LEAST_LOG_QUALITY = -150.0  # its square is still far from underflow


def diversify(
    scores: np.ndarray,
    categories: Sequence[Sequence[str]],
    num_picks: int,
    method: Literal["mmr", "dpp"],
    weight: float,
) -> list[int]:
    """Orders items by score and by how little they repeat the ones before.

    Items resemble each other as far as their categories do (Jaccard); one
    without categories resembles nothing.

    Args:
        scores: float64 `[C]`, finite, in any unit.
        categories: of each item.
        num_picks: places to fill so, the rest follows by score.
        method: see `pick_mmr` and `pick_dpp`.
        weight: in [0, 1]; 0 = by score alone, 1 = by diversity alone.

    Returns:
        All C positions in their new order.
    """
    by_score = np.argsort(-scores, kind="stable")
    if weight == 0.0 or len(scores) < 2:
        return by_score.tolist()
    compared = by_score[:_MAX_COMPARED]
    relevance = scores[compared] - scores[compared[0]]
    relevance /= float(relevance.std()) or 1.0
    similarity = compute_similarity([categories[one] for one in compared])
    num_picks = min(num_picks, len(compared))
    if method == "mmr":
        picks = pick_mmr(relevance, similarity, num_picks, weight)
    else:
        weight = min(weight, _MAX_DPP_WEIGHT)
        kernel = build_kernel(relevance, similarity, weight)
        picks = pick_dpp(kernel, num_picks)
    picked = set(picks)
    rest = [one for one in range(len(scores)) if one not in picked]
    return by_score[picks + rest].tolist()


def compute_similarity(categories: Sequence[Sequence[str]]) -> np.ndarray:
    """Returns the Jaccard similarity of category sets, float64 `[C, C]`.

    It is a positive semi-definite kernel, as a DPP needs.

    Source:
        Gower, Biometrics 1971, doi:10.2307/2528823.
    """
    names = {name for one in categories for name in one}
    columns = {name: column for column, name in enumerate(names)}
    num_words = len(columns) // 64 + 1
    belongs = np.zeros((len(categories), num_words * 64), bool)
    for row, one in enumerate(categories):
        belongs[row, [columns[name] for name in one]] = True
    # Counted in bits: a matrix product would use the threads of BLAS, which
    # cost a busy server more than the product.
    bits = np.packbits(belongs, axis=1).view(np.uint64)
    shared = np.bitwise_count(bits[:, None] & bits[None, :]).sum(2, np.float64)
    sizes = shared.diagonal()
    united = sizes[:, None] + sizes[None, :] - shared
    similarity = shared / np.maximum(united, 1.0)
    np.fill_diagonal(similarity, 1.0)
    return similarity


def pick_mmr(
    relevance: np.ndarray, similarity: np.ndarray, num_picks: int, weight: float
) -> list[int]:
    """Picks by maximal marginal relevance, greedily.

    The next item maximises (1 - w) relevance - w (similarity to the most
    similar one picked). Ties go to the lower position.

    Args:
        relevance: float64 `[C]`, in standard deviations.
        similarity: float64 `[C, C]`, in [0, 1].
        num_picks: at most C.
        weight: w in [0, 1].

    Source:
        Carbonell and Goldstein, SIGIR 1998, doi:10.1145/290941.291025,
        equation 1 with lambda = 1 - w.
    """
    closest = np.zeros(len(relevance))
    gains = (1.0 - weight) * relevance
    is_left = np.ones(len(relevance), bool)
    best = int(np.argmax(relevance))
    picks = []
    while len(picks) < num_picks:
        picks.append(best)
        is_left[best] = False
        np.maximum(closest, similarity[best], out=closest)
        marginal = np.where(is_left, gains - weight * closest, -np.inf)
        best = int(np.argmax(marginal))
    return picks


def build_kernel(
    relevance: np.ndarray, similarity: np.ndarray, weight: float
) -> np.ndarray:
    """Builds a DPP's kernel, float64 `[C, C]`, positive definite.

    The log-determinant over a slate is, up to a factor, (1 - w) (sum of
    relevance) + w (log-volume of the similarities).

    Args:
        relevance: float64 `[C]`, at most 0.
        similarity: float64 `[C, C]`, positive semi-definite, diagonal 1.
        weight: w in (0, 1].

    Source:
        Chen, Zhang and Zhou, NeurIPS 2018, arXiv:1709.05135, section 4.2
        with theta = 1 - w; the constant on the diagonal is ours.
    """
    exponent = (1.0 - weight) / (2.0 * weight) * relevance
    quality = np.exp(np.maximum(exponent, _LEAST_LOG_QUALITY))
    novel = (1.0 - _NOVELTY) * similarity + _NOVELTY * np.eye(len(relevance))
    return quality[:, None] * novel * quality[None, :]


def pick_dpp(kernel: np.ndarray, num_picks: int) -> list[int]:
    """Picks the items that span the largest volume, greedily.

    The next item maximises the log-determinant of the kernel over all that
    are picked. Rows of its Cholesky factor grow by one entry a pick, so that
    the whole costs O(num_picks^2 C). Ties go to the lower position.

    Args:
        kernel: float64 `[C, C]`, positive definite.
        num_picks: at most C.

    Source:
        Chen, Zhang and Zhou, NeurIPS 2018, arXiv:1709.05135, algorithm 1.
    """
    factor = np.zeros((num_picks, len(kernel)))
    volumes = np.diag(kernel).copy()
    picks: list[int] = []
    while len(picks) < num_picks:
        best = int(np.argmax(volumes))
        done = len(picks)
        root = np.sqrt(max(volumes[best], np.finfo(np.float64).tiny))
        row = (kernel[best] - factor[:done, best] @ factor[:done]) / root
        factor[done] = row
        volumes = volumes - row**2
        picks.append(best)
        volumes[picks] = -np.inf
    return picks
