"""Divides item vectors into partitions of nearly equal size."""

import math

import numpy as np

_MAX_SAMPLE_PER_PARTITION = 64  # vectors that k-means learns from
_NUM_ROUNDS = 10  # of k-means
_NUM_CHOICES = 8  # nearest partitions that an item may choose from
_ROWS_AT_ONCE = 4096  # distances computed together, to fit into the cache
_PRICE_STEP = 0.1  # per round, in mean squared distances
_SLACK = 0.08  # capacity over the mean; other items go elsewhere
_ALIGNMENT = 4  # partitions end on whole blocks of vectors


def divide(vectors: np.ndarray, num_partitions: int, seed: int) -> np.ndarray:
    """Runs k-means on a sample, then assigns every item.

    Partitions have equal capacity, so that the graph can gather whole
    partitions at once. If an item's nearest partition is full of nearer items,
    it goes to the next nearest one.

    Args:
        vectors: float32 `[N, D]`, N at least 1.
        num_partitions: P; fewer where there are fewer items.
        seed: draws the sample and the first centres.

    Returns:
        int32 `[P, S]`, the items of each partition, N = padding. No item is
        without a place, some partitions may be without items.
    """
    num_partitions = min(num_partitions, len(vectors))
    rng = np.random.default_rng(seed)
    size = min(len(vectors), _MAX_SAMPLE_PER_PARTITION * num_partitions)
    drawn = np.sort(rng.choice(len(vectors), size, replace=False))
    centres, prices = _run_k_means(vectors[drawn], num_partitions, rng)
    places = math.ceil(len(vectors) / num_partitions * (1.0 + _SLACK))
    places = math.ceil(places / _ALIGNMENT) * _ALIGNMENT
    home = _assign_evenly(vectors, centres, prices, places)
    rows = np.full((num_partitions, places), len(vectors), np.int32)
    order = np.argsort(home, kind="stable")
    counts = np.bincount(home, minlength=num_partitions)
    slot = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    rows[home[order], slot] = order
    return rows


def _run_k_means(sample, num_partitions, rng):
    """Lloyd's algorithm with a price for full partitions.

    Without it some partitions would overflow, and items beyond their capacity
    would be far from their neighbours.

    Returns:
        Centres float32 `[P, D]` and prices float32 `[P]`, to be added to
        squared distances.
    """
    drawn = rng.choice(len(sample), num_partitions, replace=False)
    centres = sample[drawn]
    prices = np.zeros(num_partitions, np.float32)
    mean = len(sample) / num_partitions
    lengths = np.einsum("nd,nd->n", sample, sample)
    for _ in range(_NUM_ROUNDS):
        nearest, distances = _find_nearest(sample, centres, prices, 1)
        home = nearest[:, 0]
        spread = np.mean(distances[:, 0] - prices[home] + lengths)
        counts = np.bincount(home, minlength=num_partitions)
        centres = _average(sample, home, centres)
        load = np.log((counts + 1.0) / (mean + 1.0))
        prices += (_PRICE_STEP * spread * load).astype(np.float32)
    return centres, prices


def _find_nearest(vectors, centres, prices, num_choices):
    """Finds the nearest centres of each vector, nearest first.

    Returns:
        int32 `[N, T]`, and float32 `[N, T]`, squared distances with the
        price, less the squared length of the vector.
    """
    choices = np.empty((len(vectors), num_choices), np.int32)
    distances = np.empty((len(vectors), num_choices), np.float32)
    lengths = np.einsum("pd,pd->p", centres, centres) + prices
    for first in range(0, len(vectors), _ROWS_AT_ONCE):
        block = vectors[first : first + _ROWS_AT_ONCE]
        last = first + len(block)
        far = lengths - (2.0 * block) @ centres.T
        if num_choices == 1:  # many times as fast
            near = far.argmin(axis=1)[:, np.newaxis]
        else:
            near = np.argpartition(far, num_choices - 1, axis=1)
            near = near[:, :num_choices]
        away = np.take_along_axis(far, near, axis=1)
        order = np.argsort(away, axis=1)
        choices[first:last] = np.take_along_axis(near, order, axis=1)
        distances[first:last] = np.take_along_axis(away, order, axis=1)
    return choices, distances


def _assign_evenly(vectors, centres, prices, places):
    """Assigns each vector to the nearest centre with free capacity.

    Returns:
        int32 `[N]`.
    """
    nearest, distances = _find_nearest(vectors, centres, prices, 1)
    distances += np.einsum("nd,nd->n", vectors, vectors)[:, np.newaxis]
    home = np.full(len(vectors), -1, np.int32)
    room = np.full(len(centres), places)
    everyone = np.arange(len(vectors))
    _move_in(everyone, nearest[:, 0], distances[:, 0], home, room)
    left = np.flatnonzero(home < 0)
    num_choices = min(_NUM_CHOICES, len(centres))
    choices, distances = _find_nearest(
        vectors[left], centres, prices, num_choices
    )
    for nth in range(1, num_choices):
        is_left = home[left] < 0
        _move_in(
            left[is_left],
            choices[is_left, nth],
            distances[is_left, nth] - distances[is_left, 0],
            home,
            room,
        )
    left = np.flatnonzero(home < 0)
    home[left] = np.repeat(np.arange(len(centres)), room)[: len(left)]
    return home


def _move_in(who, wanted, priority, home, room):
    """Assigns places in the wanted partitions, smallest number first."""
    order = np.lexsort((priority, wanted))
    who, wanted = who[order], wanted[order]
    nth = np.arange(len(wanted)) - np.searchsorted(wanted, wanted)
    accepted = nth < room[wanted]
    home[who[accepted]] = wanted[accepted]
    room -= np.bincount(wanted[accepted], minlength=len(room))


def _average(vectors, home, centres):
    """Means of the vectors of each partition; the old centre if none."""
    order = np.argsort(home, kind="stable")
    counts = np.bincount(home, minlength=len(centres))
    filled = np.flatnonzero(counts)
    begins = (np.cumsum(counts) - counts)[filled]
    sums = np.add.reduceat(vectors[order], begins, axis=0)
    means = centres.copy()
    means[filled] = sums / counts[filled, np.newaxis]
    return means
