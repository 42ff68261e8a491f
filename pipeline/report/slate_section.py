"""Slates of the version that is served, as people get them."""

from pathlib import Path

import numpy as np

from components.window_examples.shards import split_folder
from pipeline.commands import recommendation
from pipeline.commands.explanation import load_item_facts
from pipeline.commands.query_builder import allow_repeats
from pipeline.commands.title_lookup import TitleLookup
from pipeline.commands.title_lookup import load_title_lookup
from pipeline.report.diagnostics.recorded_behavior import read_train_events
from pipeline.report.html_page import render_columns
from pipeline.report.html_page import render_list
from pipeline.report.html_page import render_subheading
from pipeline.report.html_page import render_text
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.user_history import find_heaviest_user
from pipeline.runs.user_history import keep_first_event
from pipeline.runs.user_history import load_user_history
from schemas import events
from serving.gateway.slates.example_needs import build_example_needs
from serving.gateway.slates.example_needs import count_categories
from serving.query import Constraints
from serving.query import Query
from serving.query import Slate

_NUM_SLATE_ITEMS = 10
_NUM_NEEDS = 3


def render_slates(folder: RunFolder) -> str:
    """Renders slates of a heavy user, of a new one, and for needs in words.

    Args:
        folder: where the served version is; a model server is started. The
            last run may be another one, and may have failed.
    """
    try:
        version_path = recommendation.find_served_version(folder)
        examples_path = recommendation.find_examples(folder)
        titles = load_title_lookup(version_path)
    except FileNotFoundError as error:
        return render_text(str(error))
    asked = [
        *_ask_by_history(folder, examples_path),
        *ask_by_need(version_path, examples_path),
    ]
    blocks = []
    with recommendation.open_client(folder, None) as client:
        for heading, query, constraints in asked:
            slate = client.recommend(query, _NUM_SLATE_ITEMS, constraints)[0]
            blocks.append(
                render_subheading(heading)
                + _render_history(query, titles)
                + _render_slate(slate, query, titles)
            )
    text = (
        f"Answers of version {version_path.name}. In brackets: the share of"
        " what brought the item forward."
    )
    return render_text(text) + render_columns(blocks)


def _render_history(query: Query, titles: TitleLookup) -> str:
    if not query.item_ids:
        return ""
    heading, *lines = recommendation.describe_history(query.item_ids, titles)
    listed = "; ".join(line.strip() for line in lines)
    return render_text(f"{heading} {listed}".strip())


def _render_slate(slate: Slate, query: Query, titles: TitleLookup) -> str:
    return render_list(
        [
            (
                titles.get_title(item.item_id),
                [
                    f"because {reason}"
                    for reason in recommendation.describe_reasons(
                        item, query, titles
                    )
                ],
            )
            for item in slate.items
        ]
    )


def _ask_by_history(
    folder: RunFolder, examples_path: Path
) -> list[tuple[str, Query, Constraints]]:
    user_id = find_heaviest_user(examples_path)
    heavy = load_user_history(examples_path, user_id)
    return [
        (
            f"User {user_id}, the heaviest",
            heavy.query,
            allow_repeats(folder, heavy.constraints),
        ),
        (
            "A user with one event",
            keep_first_event(heavy),
            allow_repeats(folder, Constraints()),
        ),
        ("A new user", Query(), Constraints()),
    ]


def ask_by_need(
    version_path: Path, examples_path: Path
) -> list[tuple[str, Query, Constraints]]:
    """Asks as a new user of the gateway's page may.

    Args:
        version_path: folder of the version that is asked.
        examples_path: folder of the `Examples` artifact; what was popular in
            its train split comes first.

    Returns:
        Heading, query and constraints of each slate.
    """
    facts = load_item_facts(version_path)
    item_ids = list(facts)
    rows = {item_id: row for row, item_id in enumerate(item_ids)}
    train = split_folder(examples_path, events.SPLITS[0])
    counts = read_train_events(Path(train), rows, len(rows)).counts
    by_popularity = np.argsort(-counts, kind="stable")
    popularity = {item_ids[row]: float(counts[row]) for row in by_popularity}
    items = list(facts.values())
    needs = build_example_needs(items, count_categories(items), popularity)
    return [
        (f"A new user who needs “{need}”", Query(need=need), Constraints())
        for need in needs[:_NUM_NEEDS]
    ]
