"""Pairs of texts from behaviour."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from trainer.config import AdaptationConfig


class TextPair(NamedTuple):
    """An anchor text and its positive.

    Attributes:
        anchor: text of an earlier item, or a search text.
        positive: text of the item that followed.
        scenario: where it happened; "" = none.
    """

    anchor: str
    positive: str
    scenario: str = ""


@dataclass(frozen=True)
class BehaviorWindow:
    """One user's events, oldest first; all columns equally long.

    Attributes:
        item_ids: the items met.
        texts: what the user wrote with each event; "" = nothing. Empty where
            the dataset maps no text.
        scenarios: of each event; "" = none. Empty where nothing is known.
    """

    item_ids: Sequence[str]
    texts: Sequence[str] = ()
    scenarios: Sequence[str] = ()


def build_text_pairs(
    windows: Iterable[BehaviorWindow],
    text_by_item: Mapping[str, str],
    config: AdaptationConfig,
    seed: int,
) -> list[TextPair]:
    """Draws pairs from the sources that the config names.

    Args:
        windows: of the train split.
        text_by_item: text of each item of the catalogue; items without one
            are passed over.
        config: the sources, and by its steps and batch size how many pairs
            are of use.
        seed: of the draw.

    Returns:
        At most as many pairs as the training uses; never the same text twice in
        a pair.
    """
    found = [
        pair
        for window in windows
        for pair in _read_window(window, text_by_item, config)
        if pair.anchor != pair.positive
    ]
    wanted = config.num_steps * config.batch_size
    if len(found) <= wanted:
        return found
    chosen = np.random.default_rng(seed).choice(
        len(found), wanted, replace=False
    )
    return [found[index] for index in chosen]


def _read_window(
    window: BehaviorWindow,
    text_by_item: Mapping[str, str],
    config: AdaptationConfig,
) -> Iterator[TextPair]:
    scenarios = window.scenarios or [""] * len(window.item_ids)
    if "items" in config.pair_sources:
        known = [
            (text_by_item[item], scenario)
            for item, scenario in zip(window.item_ids, scenarios, strict=True)
            if item in text_by_item
        ]
        for place, (anchor, _) in enumerate(known):
            later = known[place + 1 : place + 1 + config.pair_distance]
            for positive, scenario in later:
                yield TextPair(anchor, positive, scenario)
    if "texts" in config.pair_sources and window.texts:
        rows = zip(window.item_ids, window.texts, scenarios, strict=True)
        for item, text, scenario in rows:
            if text and item in text_by_item:
                yield TextPair(text, text_by_item[item], scenario)
