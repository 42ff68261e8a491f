"""Two rankings in one slate, so that one user judges both."""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, kw_only=True)
class TeamItem:
    """An item of an interleaved slate.

    Attributes:
        team: the ranking that put it there.
    """

    item_id: str
    team: str


def interleave(
    rankings: Mapping[str, Sequence[str]], length: int, random: Random
) -> list[TeamItem]:
    """Merges two rankings by team draft.

    In each round a random draw decides which ranking picks first; each picks
    its best item that is not in the slate yet. The better ranking gets more
    clicks, and two equal rankings get the same on average. It needs far fewer
    users than an A/B test to compare two rankings.

    Args:
        rankings: two names, each with its item ids, best first.
        length: items wanted, at least 0.
        random: source of the random draws.

    Returns:
        At most `length` items, each once; fewer where both rankings end.

    Raises:
        ValueError: there are not two rankings.

    Source:
        Radlinski, Kurup, Joachims, CIKM 2008, algorithm 2,
        doi:10.1145/1458082.1458092. When a ranking has no more items, the other
        one picks.
    """
    if len(rankings) != 2:
        raise ValueError(f"`rankings` must be two. Received: {len(rankings)}.")
    teams = list(rankings)
    left = {team: iter(ids) for team, ids in rankings.items()}
    shown: set[str] = set()
    slate: list[TeamItem] = []
    while len(slate) < length:
        before = len(slate)
        for team in random.sample(teams, 2):
            item_id = next((i for i in left[team] if i not in shown), None)
            if item_id is not None and len(slate) < length:
                shown.add(item_id)
                slate.append(TeamItem(item_id=item_id, team=team))
        if len(slate) == before:
            break
    return slate


def count_credit(
    teams: Mapping[str, str], succeeded: Collection[str]
) -> dict[str, int]:
    """Counts the successes of each ranking in one slate.

    Args:
        teams: item ids of the slate to the ranking that put them there.
        succeeded: item ids that the user took.

    Returns:
        Successes by ranking, of those that have an item in the slate.
    """
    credit = dict.fromkeys(teams.values(), 0)
    for item_id in succeeded:
        if item_id in teams:
            credit[teams[item_id]] += 1
    return credit
