"""Says why a slate is shorter than it was asked to be."""

import math
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

from serving.gateway.records.item_facts import ItemFacts
from serving.may_show import may_show
from serving.query import Constraints

LIMITS = (
    *("catalogue", "in_stock", "allowed_categories", "has_price", "price"),
    *("excluded_categories", "excluded_item_ids", "need", "feedback"),
    *("history", "model", "stand_in", "policy"),
)  # names of rules, in their order
_MAX_NAMED = 3  # categories that a sentence names

# Whether a rule leaves an item.
_Leaves = Callable[[ItemFacts], bool]


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
    """

    given: Constraints
    excluded_categories: Sequence[str] = ()
    need_refuses: Collection[str] = ()
    user_refused: Collection[str] = ()
    history: Collection[str] = ()


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
    for name, leaves, text in _list_rules(rules, find_in_category):
        kept = [item for item in left if leaves(item)]
        if len(kept) < len(left):
            found.append(_say(name, len(kept), text))
        left = kept
    number = len(left)
    for one in answered:
        if one.left < number:
            found.append(one)
            number = one.left
    return found


def limit_by_model(left: int, is_model: bool) -> LimitingRule:
    """What the model answered, or its stand-in."""
    if is_model:
        return _say("model", left, "The model returned {kept}.")
    text = "The model does not answer, and its stand-in knows {kept}."
    return _say("stand_in", left, text)


def limit_by_policy(left: int, policy: str) -> LimitingRule:
    """What the rules of a ranking policy left, such as a cap."""
    return _say("policy", left, f"The policy {policy} shows {{kept}}.")


def _list_rules(
    rules: SlateRules, find_in_category: Callable[[str], Collection[str]]
) -> Iterator[tuple[str, _Leaves, str]]:
    """Yields name, test and words of each rule, the most general first."""
    given = rules.given
    yield "in_stock", lambda one: one.in_stock, "{kept} are in stock."
    wanted = [name for name in given.allowed_categories if name]
    only = Constraints(allowed_categories=wanted)
    yield (
        "allowed_categories",
        lambda one: may_show(one.item_id, one, only, ()),
        f"{{kept}} are in {_join(wanted)}.",
    )
    yield from _list_price_rules(given)
    barred: set[str] = set()
    for name in rules.excluded_categories:
        barred.update(find_in_category(name))
    words = _join(rules.excluded_categories)
    yield _bar("excluded_categories", barred, f"{{taken}} are in {words}.")
    for name, ids, text in (
        (
            "excluded_item_ids",
            given.excluded_item_ids,
            "The request excludes {taken}.",
        ),
        ("need", rules.need_refuses, "The need refuses {taken}."),
        (
            "feedback",
            rules.user_refused,
            "The user refused or has seen {taken}.",
        ),
        (
            "history",
            rules.history if given.exclude_history else (),
            "The user's history has {taken}.",
        ),
    ):
        yield _bar(name, frozenset(ids), text)


def _list_price_rules(
    given: Constraints,
) -> Iterator[tuple[str, _Leaves, str]]:
    low, high = _read_bound(given.min_price), _read_bound(given.max_price)
    if low is None and high is None:
        return
    priced = Constraints(min_price=-math.inf)
    yield (
        "has_price",
        lambda one: may_show(one.item_id, one, priced, ()),
        "{kept} have a price.",
    )
    bounds = Constraints(min_price=low, max_price=high)
    if low is not None and high is not None:
        words = f"{low:.10g} to {high:.10g}"
    else:
        words = (
            f"{low:.10g} or more" if high is None else f"{high:.10g} or less"
        )
    yield (
        "price",
        lambda one: may_show(one.item_id, one, bounds, ()),
        f"{{kept}} cost {words}.",
    )


def _read_bound(bound: float | None) -> float | None:
    return None if bound is None or not math.isfinite(bound) else bound


def _bar(
    name: str, ids: Collection[str], text: str
) -> tuple[str, _Leaves, str]:
    return name, lambda one: one.item_id not in ids, text


def _say(rule: str, left: int, text: str) -> LimitingRule:
    said = text.format(
        kept=f"only {left} of them" if left else "none of them",
        taken=f"all but {left} of them" if left else "all of them",
    )
    return LimitingRule(rule=rule, left=left, text=said[0].upper() + said[1:])


def _count(number: int) -> str:
    return "1 item" if number == 1 else f"{number} items"


def _join(names: Sequence[str]) -> str:
    if len(names) > _MAX_NAMED:
        names = [*names[:_MAX_NAMED], "others"]
    return " or ".join(names)
