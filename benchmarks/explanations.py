"""Do explanations name the events and the kinds of reasons that matter?

    python -m benchmarks.explanations [--root DIR] [--users N] [--json]

Uses the newest pushed version of a finished run. For users of the test split
and each item of their slates: is the score lower without the event of most
weight than without another event of the window? One row is for the estimate
that comes with each slate, one for `explain`. Each window is sent again without
each of its events, as if that event had not happened.

The kinds are history, need and popularity: every second user needs something in
words. How often does `recommend` name the kind first that `explain` does, which
scores the catalogue again without it? How far apart are their shares? And where
one has a history and a need: does the item fall back farther without the one
that `recommend` gives the larger share?
"""

import argparse
import dataclasses
import itertools
import json
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.commands.cli import open_folder
from pipeline.commands.recommendation import find_examples
from pipeline.commands.recommendation import open_client
from pipeline.runs.user_history import iterate_queries
from serving.query import Explanation
from serving.query import Query
from serving.query import SlateItem

_SLATE = 10
_MIN_EVENTS = 3  # with two events there is only one other event
_NEEDS = (
    "a dark thriller with a detective",
    "a funny film for the whole family",
    "adventures in space",
    "a love story in Paris",
)
_FIELDS = ("item_ids", "event_types", "timestamps", "values")


def leave_each_out(query: Query) -> list[Query]:
    """Returns the L queries of a window of L events without one of them."""
    return [
        Query(
            **{
                name: [*given[:place], *given[place + 1 :]]
                for name, given in ((n, getattr(query, n)) for n in _FIELDS)
            },
            need=query.need,
            scenario=query.scenario,
            query_time=query.query_time,
        )
        for place in range(len(query.item_ids))
    ]


def compute_wins(without: np.ndarray, tops: np.ndarray) -> np.ndarray:
    """Compares leaving out the event of most weight with leaving out others.

    Args:
        without: float `[L, K]`, scores of K items without each of L events.
        tops: int `[K]`, the event with the highest weight; -1 = none was named.

    Returns:
        float `[K]`, share of the other events without which the score stays
        higher; NaN where no event was named: the history is no reason.
    """
    wins = np.full(len(tops), np.nan)
    for column, top in enumerate(tops):
        if top >= 0:
            others = np.delete(without[:, column], top)
            wins[column] = np.mean(without[top, column] < others)
    return wins


def compare_kinds(
    items: Sequence[SlateItem], explanations: Sequence[Explanation]
) -> dict[str, list[float]]:
    """Compares what both signatures say of the kinds of reasons.

    Returns:
        One number for each item: `same_kind`, 1 where both name the same one
        first; `difference`, the mean of those of the shares. And `falls`, 1
        where the item falls back farther without the one of history and need
        that has the larger share, only for items with both.
    """
    found = {"same_kind": [], "difference": [], "falls": []}
    for item, exact in zip(items, explanations, strict=True):
        told = np.array(dataclasses.astuple(item.shares))
        true = np.array(dataclasses.astuple(exact.shares))
        found["same_kind"].append(float(told.argmax() == true.argmax()))
        found["difference"].append(float(np.abs(told - true).mean()))
        history, need, _ = told
        falls = exact.place_without_history, exact.place_without_need
        if min(history, need) > 0.0 and falls[0] != falls[1]:
            is_right = (history > need) == (falls[0] > falls[1])
            found["falls"].append(float(is_right))
    return found


def add_needs(queries: Iterable[Query]) -> Iterator[Query]:
    """Gives every second query a need in words."""
    needs = itertools.cycle(_NEEDS)
    for number, query in enumerate(queries):
        need = next(needs) if number % 2 else ""
        yield dataclasses.replace(query, need=need)


def measure(client, queries: Iterator[Query]) -> dict[str, list[float]]:
    """Returns the mean per query, of both sources of weights and of kinds."""
    found = {"recommend": [], "explain": []}
    found |= {"same_kind": [], "difference": [], "falls": []}
    for query in queries:
        slate = client.recommend(query, _SLATE)[0]
        item_ids = [item.item_id for item in slate.items]
        if not item_ids:
            continue
        ranked = client.rank(leave_each_out(query), item_ids)
        without = np.array([[i.score for i in r.items] for r in ranked])
        named = [i.reasons[0][0] if i.reasons else -1 for i in slate.items]
        explanations = client.explain(query, item_ids)
        for name, said in compare_kinds(slate.items, explanations).items():
            if said:
                found[name].append(float(np.mean(said)))
        weights = [e.history_weights for e in explanations]
        exact = [int(np.argmax(w)) if any(w) else -1 for w in weights]
        for source, tops in (("recommend", named), ("explain", exact)):
            wins = compute_wins(without, np.array(tops))
            if not np.isnan(wins).all():
                found[source].append(float(np.nanmean(wins)))
    return found


def main() -> None:
    """Prints the shares, and with --json one object as the last line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, help="default: used last")
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = open_folder(options.root)
    queries = (
        query
        for query in iterate_queries(find_examples(folder), "test")
        if len(query.item_ids) >= _MIN_EVENTS
    )
    with open_client(folder, None) as client:
        queries = add_needs(itertools.islice(queries, options.users))
        found = measure(client, queries)
    report = {}
    for source, shares in found.items():
        if not shares:  # nobody had such an item
            continue
        error = np.std(shares) / np.sqrt(len(shares))
        report[source] = {"share": np.mean(shares), "error": error}
        print(
            f"{source:<10} {np.mean(shares):.3f} ± {error:.3f}"
            f" ({len(shares)} users)"
        )
    print(f"share of cases, slates of {_SLATE} items; `difference`: of shares")
    if options.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
