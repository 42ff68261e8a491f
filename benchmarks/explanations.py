"""Do explanations name the events that matter?

    python -m benchmarks.explanations [--root DIR] [--users N] [--json]

Uses the newest pushed version of a finished run. For users of the test split
and each item of their slates: is the score lower without the event of most
weight than without another event of the window? One row is for the estimate
that comes with each slate, one for `explain`. Each window is sent again without
each of its events, as if that event had not happened.
"""

import argparse
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.commands.cli import open_folder
from pipeline.commands.recommendation import find_examples
from pipeline.commands.recommendation import open_client
from pipeline.runs.user_history import iterate_queries
from serving.query import Query

_SLATE = 10
_MIN_EVENTS = 3  # with two events there is only one other event
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
        higher; 0 where no event was named.
    """
    wins = np.zeros(len(tops))
    for column, top in enumerate(tops):
        if top >= 0:
            others = np.delete(without[:, column], top)
            wins[column] = np.mean(without[top, column] < others)
    return wins


def measure(client, queries: Iterator[Query]) -> dict[str, list[float]]:
    """Returns the mean win per query, of both sources of weights."""
    found = {"recommend": [], "explain": []}
    for query in queries:
        slate = client.recommend(query, _SLATE)[0]
        item_ids = [item.item_id for item in slate.items]
        if not item_ids:
            continue
        ranked = client.rank(leave_each_out(query), item_ids)
        without = np.array([[i.score for i in r.items] for r in ranked])
        named = [i.reasons[0][0] if i.reasons else -1 for i in slate.items]
        weights = [e.history_weights for e in client.explain(query, item_ids)]
        exact = [int(np.argmax(w)) if any(w) else -1 for w in weights]
        for source, tops in (("recommend", named), ("explain", exact)):
            wins = compute_wins(without, np.array(tops))
            found[source].append(float(wins.mean()))
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
        found = measure(client, itertools.islice(queries, options.users))
    report = {}
    for source, shares in found.items():
        error = np.std(shares) / np.sqrt(len(shares))
        report[source] = {"share": np.mean(shares), "error": error}
        print(f"{source:<10} {np.mean(shares):.3f} ± {error:.3f}")
    print(f"share of cases, {len(found['explain'])} users, {_SLATE} items each")
    if options.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
