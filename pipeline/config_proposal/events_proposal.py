"""Proposes the settings of the events."""

import re
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import numpy as np

from pipeline.config_proposal.column_profile import ColumnProfile
from pipeline.config_proposal.role_names import normalise
from pipeline.config_proposal.setting import Setting
from pipeline.config_proposal.table_guess import TableGuess
from pipeline.config_proposal.table_guess import find_by_name
from pipeline.config_proposal.table_guess import find_label
from pipeline.config_proposal.table_guess import find_text
from pipeline.config_proposal.table_guess import find_time
from pipeline.config_proposal.time_proposal import propose_time
from pipeline.data_check.positive_value import describe_values
from pipeline.data_check.positive_value import propose_positive_value
from schemas.events import EVENT_TYPES

_TYPES = {  # what people call our types, without signs
    "view": "view pageview pv detailview detail seen impression productview "
    "visit open browse viewcontent itemview viewed",
    "click": "click clicked clickthrough select tap",
    "cart": "cart addtocart basket addtobasket like favorite favourite fav "
    "wishlist addtowishlist bookmark save collect share",
    "purchase": "purchase transaction buy bought order ordered checkout sale "
    "conversion paid",
    "rate": "rate rating rated",
    "listen": "listen play played stream watch watched listened read",
    "skip": "skip skipped dislike disliked hide notinterested",
    "review": "review reviewed comment",
    "search": "search query",
    "message": "message utterance",
}
_MAX_TYPES = 30
_MAX_STEPS = 101  # of a scale of ratings
_COUNTS = [
    "weight",
    "playcount",
    "plays",
    "count",
    "playtime",
    "listens",
    "numplays",
    "hours",
    "hoursplayed",
    "quantity",
    "qty",
]
_RATINGS = [
    "rating",
    "overall",
    "stars",
    "score",
    "rate",
    "ratingvalue",
    "stars5",
    "userrating",
]
_BY_FILE = {  # types by words in the name of a file
    "purchase": "order purchase transaction sale invoice buy",
    "listen": "listen play stream scrobble watch",
    "cart": "cart basket wishlist",
    "view": "view visit impression",
    "click": "click",
    "rate": "rating",
    "review": "review",
}


@dataclass
class EventsProposal:
    """Settings of the events, and what a person must decide.

    Attributes:
        settings: below `events`, but for files and columns.
        undecided: sentences.
        has_times: whether events have a column of times.
        is_rating: whether values say how an item was liked.
    """

    settings: list[Setting] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    has_times: bool = False
    is_rating: bool = False


def propose_events(guess: TableGuess) -> EventsProposal:
    """Assigns the other roles of events, and proposes their settings.

    Args:
        guess: with users; gets roles. Without a column of items their
            texts stand for them.
    """
    if "item_id" not in guess.roles:
        guess.assign("item_id", find_text(guess), "a text names each item")
    proposal = EventsProposal()
    _propose_time(guess, proposal)
    _propose_types(guess, proposal)
    guess.assign("text", _find_words(guess), "what people wrote")
    session = find_by_name(guess, "session_id")
    guess.assign("session_id", session, "by its name")
    return proposal


def _propose_time(guess: TableGuess, proposal: EventsProposal) -> None:
    column = find_time(guess)
    if column is None:
        why = "no column holds times that can be read"
        proposal.settings.append(Setting("order", "none", why))
        proposal.undecided.append(
            "No times were found: nothing is learnt of what people do first "
            "and last. If the rows of the file are in the order of time, set "
            "`events.order: file` and `splits.method: leave_last`."
        )
        return
    found = propose_time(guess.profiles[column].cells)
    guess.assign("timestamp", column, found.days)
    proposal.settings += found.settings
    proposal.has_times = True


def _propose_types(guess: TableGuess, proposal: EventsProposal) -> None:
    column = find_by_name(guess, "event_type")
    if column and _is_type(guess.profiles[column]):
        profile = guess.profiles[column]
        guess.assign("event_type", column, "by its name and few values")
        proposal.settings.append(_translate_types(profile, proposal))
        if profile.share_missing:
            why = "of rows without a type"
            proposal.settings.append(Setting("default_event_type", "view", why))
        return
    label = find_label(guess)
    if label is not None:
        why = "0 and 1: 0 was shown and passed over"
        proposal.settings.append(Setting("negatives", label, why))
        why = "1 is taken for a click"
        proposal.settings.append(Setting("default_event_type", "click", why))
        return
    _propose_value(guess, proposal)


def _is_type(profile: ColumnProfile) -> bool:
    return (
        not profile.is_nested
        and profile.numbers is None
        and len(profile.distinct) <= _MAX_TYPES
    )


def _translate_types(
    profile: ColumnProfile, proposal: EventsProposal
) -> Setting:
    counts = {name: profile.texts.count(name) for name in profile.distinct}
    types = []
    for name in sorted(counts, key=counts.get, reverse=True):
        ours = _find_type(name)
        why = f"{counts[name]:,} rows"
        if ours is None:
            ours = "ignore"
            why += f"; not one of {', '.join(EVENT_TYPES)}"
            proposal.undecided.append(
                f"Events of the type {name!r} are left out: say in "
                "`events.event_types` what they mean."
            )
        types.append(Setting(name, ours, why))
    return Setting("event_types", types)


def _find_type(name: str) -> str | None:
    plain = normalise(name)
    if plain.startswith("remove") or plain.startswith("refund"):
        return "ignore"
    return next(
        (ours for ours, theirs in _TYPES.items() if plain in theirs.split()),
        None,
    )


def _propose_value(guess: TableGuess, proposal: EventsProposal) -> None:
    column = _find_value(guess)
    kind = "" if column is None else _name_value(column, guess)
    if kind:
        guess.assign("value", column, f"taken for a {kind}")
    if kind == "rating":
        proposal.is_rating = True
        has_text = _find_words(guess) is not None
        why = f"`{column}` holds ratings" + (", with texts" if has_text else "")
        default = "review" if has_text else "rate"
        proposal.settings.append(Setting("default_event_type", default, why))
        values = guess.profiles[column].numbers
        bound = propose_positive_value(values)
        if bound is not None:
            shown = int(bound) if bound == int(bound) else bound
            why = describe_values(values, bound)
            proposal.settings.append(Setting("positive_value", shown, why))
            proposal.undecided.append(
                f"`events.positive_value: {shown}` says from which rating on "
                "an item was liked; set another one if people mean another."
            )
    elif kind == "count":
        why = "whole numbers without a scale: how often"
        proposal.settings.append(Setting("value", "count", why))
        why = f"`{column}` counts, and what is counted was chosen"
        proposal.settings.append(Setting("default_event_type", "listen", why))
    else:
        _propose_type_by_file(guess, proposal)


def _propose_type_by_file(guess: TableGuess, proposal: EventsProposal) -> None:
    words = re.findall("[a-z]+", Path(guess.sample.path).name.lower())
    for ours, theirs in _BY_FILE.items():
        for word in words:
            if word.rstrip("s") in theirs.split():
                why = f"the file is called {Path(guess.sample.path).name}"
                proposal.settings.append(
                    Setting("default_event_type", ours, why)
                )
                return
    why = "nothing says what people did; a click counts as a like"
    proposal.settings.append(Setting("default_event_type", "click", why))
    proposal.undecided.append(
        "Nothing says what people did: `events.default_event_type: click` "
        f"counts as a like. Others are {', '.join(EVENT_TYPES)}."
    )


def _find_value(guess: TableGuess) -> str | None:
    column = find_by_name(guess, "value")
    if column is not None:
        return column if guess.profiles[column].numbers is not None else None
    if guess.sample.is_named:
        return None
    taken = set(guess.roles.values())
    for name, profile in guess.profiles.items():
        is_free = name not in taken and profile.numbers is not None
        if is_free and 2 <= len(profile.distinct) <= _MAX_STEPS:
            return name
    return None


def _name_value(column: str, guess: TableGuess) -> str:
    profile = guess.profiles[column]
    plain = normalise(column)
    num_steps = len(np.unique(profile.numbers))
    if plain in _RATINGS and num_steps <= _MAX_STEPS:
        return "rating"
    if plain in _COUNTS or (profile.is_whole and num_steps > _MAX_STEPS):
        return "count" if profile.is_whole else "number"
    return "rating" if num_steps <= _MAX_STEPS else "number"


def _find_words(guess: TableGuess) -> str | None:
    column = find_by_name(guess, "text")
    if column is None or guess.profiles[column].is_nested:
        return None
    return column if guess.profiles[column].num_words >= 2.0 else None
