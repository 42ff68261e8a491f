"""Candidates with ids of one letter, and rankers with one policy."""

import random

from serving.gateway.ranking.candidate import Candidate
from serving.gateway.ranking.context import RankingContext
from serving.gateway.ranking.ranker import Ranker
from serving.gateway.ranking.ranking_config import PolicyConfig
from serving.gateway.ranking.ranking_config import RankingConfig
from serving.gateway.records.exposure import Exposure
from serving.gateway.records.item_facts import ItemFacts

CONTEXT = RankingContext(scenario="home", now=1e9)


def make_candidate(
    item_id, score=0.0, categories="", popularity=0.0, is_new=False, **facts
):
    known = ItemFacts(
        item_id=item_id, title="", categories=tuple(categories), **facts
    )
    return Candidate(
        item_id=item_id,
        score=score,
        popularity=popularity,
        facts=known,
        is_new=is_new,
    )


def make_candidates(ids, categories=()):
    """Makes items with falling scores, from 1 down to 0.5."""
    categories = categories or [""] * len(ids)
    return [
        make_candidate(one, 1.0 - 0.5 * row / len(ids), categories[row])
        for row, one in enumerate(ids)
    ]


def build_ranker(*rules, seed=0, **policy):
    settings = PolicyConfig(rules=rules, **{"exploration": 0.0, **policy})
    config = RankingConfig(policies={"main": settings}, default_policy="main")
    return Ranker(config, random.Random(seed))


def show(ranker, candidates, k=10, context=CONTEXT):
    slate = ranker.rank(candidates, context, k)
    return "".join(one.candidate.item_id for one in slate.items)


def expose(slate, scenario="home"):
    return Exposure(
        slate_id="s",
        user_id="u",
        timestamp=0.0,
        scenario=scenario,
        policy=slate.policy,
        items=tuple(one.as_exposed() for one in slate.items),
    )
