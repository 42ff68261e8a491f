"""What people who try the gateway of a finished run see, one figure a row.

    python -m benchmarks.people [--run DIR] [--json]

The run's newest pushed version, catalogue and users, asked through the
gateway's API as an application asks it: dislikes, refusals, needs, new items,
reasons, the slider of popularity, similar items. Whether an item fits a need
was judged by reading titles (`judged.yaml`).
"""

import argparse
import json
import logging
import random
import sys
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml

from benchmarks.gateway.sequels import build_sequels
from benchmarks.needs.searchers import score_peers
from benchmarks.needs.searchers import take_first
from benchmarks.people import tried
from benchmarks.people.api import Api
from benchmarks.people.api import open_api
from benchmarks.quality.datasets import Item
from pipeline.commands.recommendation import find_examples
from pipeline.commands.recommendation import find_served_version
from pipeline.runs.run_folder import RunFolder

_logger = logging.getLogger("benchmarks.people")
_JUDGED = Path(__file__).parent / "judged.yaml"
_NUM_ITEMS = 100
_NUM_PEOPLE = 60
_NUM_REFUSED = 10  # of categories, and of titles
_NUM_EXPLAINED = 30  # people
_MIN_EVENTS = 20
_SEED = 0
_DESCRIPTIONS = {
    "overlap_at_10": "of ten items, common to a film rated best and worst",
    "crossed_reason_share": "items whose reason is what was disliked",
    "kin_share_before": "categories in common with a disliked film, before",
    "kin_share_after": "and after the dislike",
    "refused_of_10": "of ten items, those that the need refuses",
    "named_of_10": "of ten items, those of the category that the need names",
    "need_fits_of_10": "of ten items, those that fit a need in words",
    "minilm_fits_of_10": "the same by the language model alone",
    "below_mean_share": "items expected to be rated below the user's mean",
    "sequels_for_fans": "new sequels in the first 20 of the original's fans",
    "sequels_by_title": "new sequels that come first by their title",
    "sole_reason_share": "items for one liked film told to be 100% for it",
    "same_first_kind": "items whose first kind of reason is the exact one",
    "head_share": "items in the tenth with most events",
    "events": "of an item in slates, median",
    "head_share_at_far_left": "head with popularity at the far left",
    "events_at_far_left": "events of an item with popularity at the far left",
    "similar_within_a_year": "similar items from within a year of release",
}


def count_fits(
    slates: Mapping[str, Sequence[str]], judged: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """Counts the titles of each need's slate that were judged to fit it."""
    return {
        need: len({*titles} & {*judged[need]})
        for need, titles in slates.items()
    }


def answer_needs(api: Api) -> dict[str, float]:
    """Asks for what people need, and orders the same texts by their meaning.

    Returns:
        `need_fits_of_10` and `minilm_fits_of_10`, see `count_fits`.
    """
    judged = yaml.safe_load(_JUDGED.read_text(encoding="utf-8"))
    slates = {
        need: [one["title"] for one in api.recommend(need=need)]
        for need in judged
    }
    from trainer.config import TextBackboneConfig

    items = [
        Item(one.title, tuple(one.categories), one.description)
        for one in api.items.values()
    ]
    scores = score_peers(items, [*judged], TextBackboneConfig().preset)
    by_meaning = {
        need: [items[row].title for row in rows]
        for need, rows in zip(judged, take_first(scores["minilm"]), strict=True)
    }
    figures = {}
    for name, found in (("need", slates), ("minilm", by_meaning)):
        fits = count_fits(found, judged)
        _logger.info("%s: %s", name, fits)
        figures[f"{name}_fits_of_10"] = float(np.mean([*fits.values()]))
    return figures


def try_everything(api: Api) -> dict[str, float]:
    """Returns all figures, one key a row."""
    rated = api.list_most_rated(_NUM_ITEMS)
    people = api.list_active_users(_NUM_PEOPLE, _MIN_EVENTS)
    categories = api.list_categories()[:_NUM_REFUSED]
    sequels = build_sequels(api.items.values(), random.Random(_SEED))
    return {
        **tried.turn_ratings(api, rated),
        **tried.cross_out(api, rated[:_NUM_PEOPLE]),
        **tried.refuse(api, categories, rated[:_NUM_REFUSED]),
        **tried.name_categories(api, categories),
        **answer_needs(api),
        **tried.compare_with_means(api, people),
        **tried.post_sequels(api, sequels),
        **tried.read_reasons(api, rated, people[:_NUM_EXPLAINED]),
        **tried.move_popularity(api, people),
        **tried.look_for_similar(api, rated),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the figures and, with `--json`, one JSON object after them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--run", type=Path, default=Path("runs/movielens-small")
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    _logger.setLevel(logging.INFO)
    folder = RunFolder(options.run)
    try:
        export, examples = find_served_version(folder), find_examples(folder)
    except FileNotFoundError as error:
        sys.exit(str(error))
    with open_api(export, examples) as api:
        figures = try_everything(api)
    for name, value in figures.items():
        sys.stdout.write(f"{name:24}{value:8.3f}  {_DESCRIPTIONS[name]}\n")
    if options.json:
        sys.stdout.write(json.dumps({"people": figures}) + "\n")


if __name__ == "__main__":
    main()
