"""What was tried with the gateway, and what came, as numbers."""

from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from benchmarks.people.api import Api
from benchmarks.people.api import Slate
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.title_words import find_year
from serving.gateway.slates.title_words import remove_year

_K = 10
_PLACES = 20  # in which a fan looks for a sequel
_LIKED_AT_ONCE = 2
_MIN_WEIGHT = 0.995  # told as 100%


def turn_ratings(api: Api, item_ids: Sequence[str]) -> dict[str, float]:
    """Asks with each item rated best, then rated worst.

    Returns:
        `overlap_at_10`: items that both slates share.
    """
    common = []
    for item_id in item_ids:
        best, worst = (
            {one["item_id"] for one in api.recommend(session=[session])}
            for session in (
                _rate(item_id, api.scale.highest),
                _rate(item_id, api.scale.lowest),
            )
        )
        common.append(len(best & worst))
    return {"overlap_at_10": float(np.mean(common))}


def cross_out(api: Api, item_ids: Sequence[str]) -> dict[str, float]:
    """Likes two items each, and dislikes the first of the slate.

    Returns:
        `crossed_reason_share`, of the next slate's items, those that have what
        was disliked as a reason; `kin_share_before` and `kin_share_after`, of
        the other items of both slates, what their categories have in common
        with its own (Jaccard).
    """
    reasons, before, after = [], [], []
    for number in range(0, len(item_ids) - 1, _LIKED_AT_ONCE):
        user_id = f"person-{number}"
        request = {
            "user_id": user_id,
            "session": [
                {"item_id": item_id}
                for item_id in item_ids[number : number + _LIKED_AT_ONCE]
            ],
        }
        answer = api.call("POST", "recommendations", json=request)
        first, *others = answer["items"]
        feedback = {
            "slate_id": answer["slate_id"],
            "item_id": first["item_id"],
            "feedback": "dislike",
            "user_id": user_id,
        }
        api.call("POST", "feedback", json=feedback)
        slate = api.recommend(**request)
        before.append(_share_kin(others, first))
        after.append(_share_kin(slate, first))
        reasons += [
            any(why["item_id"] == first["item_id"] for why in one["reasons"])
            for one in slate
        ]
    return {
        "crossed_reason_share": float(np.mean(reasons)),
        "kin_share_before": float(np.mean(before)),
        "kin_share_after": float(np.mean(after)),
    }


def refuse(
    api: Api, categories: Sequence[str], item_ids: Sequence[str]
) -> dict[str, float]:
    """Asks for "no CATEGORY" and "not TITLE".

    Returns:
        `refused_of_10`: items of a slate that were refused.
    """
    refused = []
    for category in categories:
        slate = api.recommend(need=f"no {category.lower()}")
        refused.append(sum(category in one["categories"] for one in slate))
    for item_id in item_ids:
        title = remove_year(api.items[item_id].title)
        slate = api.recommend(need=f"not {title}")
        refused.append(sum(one["title"].startswith(title) for one in slate))
    return {"refused_of_10": float(np.mean(refused))}


def name_categories(api: Api, categories: Sequence[str]) -> dict[str, float]:
    """Asks for "a good CATEGORY".

    Returns:
        `named_of_10`: items of a slate that are of the category.
    """
    named = []
    for category in categories:
        slate = api.recommend(need=f"a good {category.lower()}")
        named.append(sum(category in one["categories"] for one in slate))
    return {"named_of_10": float(np.mean(named))}


def compare_with_means(api: Api, user_ids: Sequence[str]) -> dict[str, float]:
    """Asks for users, by their kept history.

    Returns:
        `below_mean_share`, of the items, those whose expected rating is below
        the mean of the user's own ratings.
    """
    below = []
    for user_id in user_ids:
        values = [e.value for e in api.users[user_id] if e.value is not None]
        ratings = [one["rating"] for one in api.recommend(user_id=user_id)]
        below += [
            rating < np.mean(values) for rating in ratings if rating is not None
        ]
    return {"below_mean_share": float(np.mean(below))}


def post_sequels(
    api: Api, sequels: Mapping[str, ItemFacts]
) -> dict[str, float]:
    """Posts sequels; people are fans of the original, or ask for the title.

    Args:
        api: of the gateway.
        sequels: by the id of the original.

    Returns:
        `sequels_for_fans`, of the sequels, those among the first 20 of who
        rated the original best; `sequels_by_title`, those that come first
        when their title is the need.
    """
    posted = [
        {
            "item_id": one.item_id,
            "title": one.title,
            "categories": [*one.categories],
        }
        for one in sequels.values()
    ]
    api.call("POST", "items", json={"items": posted})
    seen, found = [], []
    try:
        for item_id, sequel in sequels.items():
            slate = api.recommend(
                session=[_rate(item_id, api.scale.highest)], k=_PLACES
            )
            seen.append(sequel.item_id in {one["item_id"] for one in slate})
            (first, *_) = api.recommend(need=sequel.title)
            found.append(first["item_id"] == sequel.item_id)
    finally:
        for sequel in sequels.values():
            api.call("DELETE", f"items/{sequel.item_id}")
    return {
        "sequels_for_fans": float(np.mean(seen)),
        "sequels_by_title": float(np.mean(found)),
    }


def read_reasons(
    api: Api, item_ids: Sequence[str], user_ids: Sequence[str]
) -> dict[str, float]:
    """Reads the reasons of sessions of one liked item, and of users' slates.

    Returns:
        `sole_reason_share`, of the items for one liked item, those told to be
        there for nothing else; `same_first_kind`, of users' items, those for
        which slate and exact explanation name the same of history, need and
        popularity first. Every second user needs something.
    """
    sole, same = [], []
    for item_id in item_ids:
        sole += [
            any(why["weight"] >= _MIN_WEIGHT for why in one["reasons"])
            for one in api.recommend(session=[{"item_id": item_id}])
        ]
    for number, user_id in enumerate(user_ids):
        request = {"user_id": user_id}
        if number % 2:
            request["need"] = "a dark thriller with a detective"
        slate = api.recommend(**request)[: _K // 2]
        request["item_ids"] = [one["item_id"] for one in slate]
        exact = api.call("POST", "explanations", json=request)["explanations"]
        same += [
            _name_first(one["shares"]) == _name_first(other["shares"])
            for one, other in zip(slate, exact, strict=True)
        ]
    return {
        "sole_reason_share": float(np.mean(sole)),
        "same_first_kind": float(np.mean(same)),
    }


def move_popularity(api: Api, user_ids: Sequence[str]) -> dict[str, float]:
    """Asks with the slider of popularity in the middle and at the far left.

    Returns:
        `head_share` and `head_share_at_far_left`, of the items, those in the
        tenth of the catalogue with most events; `events` and
        `events_at_far_left`, how many an item has (median).
    """
    head = {*api.list_most_rated(len(api.items) // 10)}
    counts = api.count_events()
    figures = {}
    for name, popularity in (("", None), ("_at_far_left", -1.0)):
        shown = [
            one["item_id"]
            for user_id in user_ids
            for one in api.recommend(user_id=user_id, popularity=popularity)
        ]
        is_head = [item_id in head for item_id in shown]
        figures[f"head_share{name}"] = float(np.mean(is_head))
        events = [counts[item_id] for item_id in shown]
        figures[f"events{name}"] = float(np.median(events))
    return figures


def look_for_similar(api: Api, item_ids: Sequence[str]) -> dict[str, float]:
    """Asks for what is similar to each item.

    Returns:
        `similar_within_a_year`: of similar items with a year in the title,
        those of the same year, the one before or the one after.
    """
    near = []
    for item_id in item_ids:
        year = find_year(api.items[item_id].title)
        slate = api.call("GET", "similar", params={"item_id": item_id, "k": _K})
        years = [find_year(one["title"]) for one in slate["items"]]
        if year is not None:
            near += [abs(one - year) <= 1 for one in years if one is not None]
    return {"similar_within_a_year": float(np.mean(near))}


def _rate(item_id: str, value: float) -> dict[str, object]:
    return {"item_id": item_id, "event_type": "rate", "value": value}


def _share_kin(slate: Slate, item: dict) -> float:
    kind = {*item["categories"]}
    others = [{*one["categories"]} for one in slate]
    return float(np.mean([len(one & kind) / len(one | kind) for one in others]))


def _name_first(shares: dict[str, float]) -> str:
    return max(shares, key=shares.__getitem__)
