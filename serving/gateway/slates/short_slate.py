"""Says why a slate is shorter than it was asked to be."""

import math
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.candidate_finder import FoundItems
from serving.may_show import build_filter
from serving.query import Constraints

LIMITS = (
    *("catalogue", "in_stock", "allowed_categories", "has_price", "price"),
    *("excluded_categories", "excluded_item_ids", "need", "feedback"),
    *("history", "disliked", "model", "stand_in", "policy"),
)  # names of rules, in their order
_MAX_NAMED = 3  # categories that a sentence names

# Takes an item and its id; whether a rule leaves it.
_Leaves = Callable[[str, ItemFacts], bool]


@dataclass(frozen=True)
class _Rule:
    name: str
    leaves: _Leaves
    say: Callable[[int], str]  # takes how many it left


@dataclass(frozen=True, kw_only=True)
class LimitingRule:
    """A rule that took items away.

    Attributes:
        rule: its name, one of `LIMITS`.
        left: how many items it left of those that the rules before it left.
        text: the same in words; "them" are those that were left before.
    """

    rule: str
    left: int
    text: str


@dataclass(frozen=True, kw_only=True)
class SlateRules:
    """What the items of one slate had to obey, by who wanted it.

    Attributes:
        given: constraints of the request.
        excluded_categories: likewise.
        need_refuses: ids that the need refuses.
        user_refused: ids that the user refused or has seen.
        history: ids of the user's events.
        disliked: ids of items that resemble what the user dislikes.
    """

    given: Constraints
    excluded_categories: Sequence[str] = ()
    need_refuses: Collection[str] = ()
    user_refused: Collection[str] = ()
    history: Collection[str] = ()
    disliked: Collection[str] = ()


def explain_short_slate(
    items: Sequence[ItemFacts],
    rules: SlateRules,
    find_in_category: Callable[[str], Collection[str]],
    answered: Iterable[LimitingRule],
) -> list[LimitingRule]:
    """Counts what each rule left of a catalogue, one after the other.

    Args:
        items: the whole catalogue; none = nothing can be counted.
        rules: that the slate had to obey.
        find_in_category: returns the ids of the items of a category.
        answered: what came after the rules: model and policy.

    Returns:
        The catalogue, and each rule that took items away.
    """
    if not items:
        return []
    total = len(items)
    found = [
        LimitingRule(
            rule="catalogue",
            left=total,
            text=f"The catalogue has {_count(total)}.",
        )
    ]
    left = list(items)
    for rule in _list_rules(rules, find_in_category):
        leaves = rule.leaves
        kept = [item for item in left if leaves(item.item_id, item)]
        number = len(kept)
        if number < len(left):
            found.append(_limit(rule.name, number, rule.say(number)))
        left = kept
    number = len(left)
    for one in answered:
        if one.left < number:
            found.append(one)
            number = one.left
    return found


def limit_by_model(
    found: FoundItems, item_ids: Collection[str]
) -> LimitingRule:
    """What the model answered, or its stand-in, and what is pinned besides.

    Args:
        found: the answer.
        item_ids: of all candidates; those not found are pinned.
    """
    left = len(item_ids)
    answered = {item.item_id for item in (*found.items, *found.extra)}
    num_found = len(answered.intersection(item_ids))
    told = f"{_kept(num_found)}."
    if pinned := left - num_found:
        verb = "is" if pinned == 1 else "are"
        told = f"{_kept(num_found)}; {pinned} more {verb} pinned."
    if found.source == "model":
        return _limit("model", left, f"the model returned {told}")
    text = f"the model does not answer, and its stand-in knows {told}"
    return _limit("stand_in", left, text)


def limit_by_policy(left: int, policy: str) -> LimitingRule:
    """What the rules of a ranking policy left, such as a cap."""
    return _limit("policy", left, f"the policy {policy} shows {_kept(left)}.")


def _list_rules(
    rules: SlateRules, find_in_category: Callable[[str], Collection[str]]
) -> Iterator[_Rule]:
    """Yields each rule that was given, the most general first."""
    given = rules.given
    yield _Rule(
        "in_stock",
        lambda _, one: one.in_stock,
        _say_kept("in stock", "is", "are"),
    )
    wanted = [name for name in given.allowed_categories if name]
    if wanted:
        yield _Rule(
            "allowed_categories",
            build_filter(Constraints(allowed_categories=wanted)),
            _say_kept(f"in {_join(wanted)}", "is", "are"),
        )
    yield from _list_price_rules(given)
    barred: set[str] = set()
    for name in rules.excluded_categories:
        barred.update(find_in_category(name))
    words = _join(rules.excluded_categories)
    for name, ids, before, after in (
        ("excluded_categories", barred, "", f" are in {words}"),
        (
            "excluded_item_ids",
            given.excluded_item_ids,
            "the request excludes ",
            "",
        ),
        ("need", rules.need_refuses, "the need refuses ", ""),
        (
            "feedback",
            rules.user_refused,
            "the user refused or has seen ",
            "",
        ),
        (
            "history",
            rules.history if given.exclude_history else (),
            "the user's history has ",
            "",
        ),
        (
            "disliked",
            rules.disliked,
            "",
            " resemble what the user dislikes",
        ),
    ):
        if ids:
            yield _bar(name, frozenset(ids), before, after)


def _list_price_rules(given: Constraints) -> Iterator[_Rule]:
    low, high = _read_bound(given.min_price), _read_bound(given.max_price)
    if low is None and high is None:
        return
    yield _Rule(
        "has_price",
        lambda _, one: one.price is not None and not math.isnan(one.price),
        _say_kept("a price", "has", "have"),
    )
    if low is not None and high is not None:
        words = f"{low:.10g} to {high:.10g}"
    else:
        words = (
            f"{low:.10g} or more" if high is None else f"{high:.10g} or less"
        )
    yield _Rule(
        "price",
        build_filter(Constraints(min_price=low, max_price=high)),
        _say_kept(words, "costs", "cost"),
    )


def _read_bound(bound: float | None) -> float | None:
    return None if bound is None or not math.isfinite(bound) else bound


def _bar(name: str, ids: Collection[str], before: str, after: str) -> _Rule:
    return _Rule(
        name,
        build_filter(Constraints(), ids),
        lambda left: f"{before}{_taken(left)}{after}.",
    )


def _say_kept(what: str, one: str, many: str) -> Callable[[int], str]:
    """Builds the sentence of what is left; its verb for one and for many."""
    return lambda left: f"{_kept(left)} {one if left == 1 else many} {what}."


def _kept(left: int) -> str:
    return f"only {left} of them" if left else "none of them"


def _taken(left: int) -> str:
    return f"all but {left} of them" if left else "all of them"


def _limit(rule: str, left: int, text: str) -> LimitingRule:
    return LimitingRule(rule=rule, left=left, text=text[0].upper() + text[1:])


def _count(number: int) -> str:
    return "1 item" if number == 1 else f"{number} items"


def _join(names: Sequence[str]) -> str:
    if len(names) > _MAX_NAMED:
        names = [*names[:_MAX_NAMED], "others"]
    return " or ".join(names)
