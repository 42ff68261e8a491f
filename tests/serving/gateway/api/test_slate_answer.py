"""What callers see of explanations; the routes' tests ask for slates."""

from serving.gateway.api.slate_answer import show_explanation
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.catalogue import Catalogue
from serving.query import Explanation
from serving.query import KindShares


def test_reasons_come_the_heaviest_first_and_without_what_counts_for_nothing():
    catalogue = Catalogue([ItemFacts(item_id="a", title="Alien")])
    explanation = Explanation(
        item_id="z",
        score=1.0,
        score_without_history=0.0,
        score_without_need=1.0,
        place=1.0,
        place_without_history=9.0,
        place_without_need=1.0,
        score_drops=[0.0, 0.0, 0.0],
        history_weights=[0.2, 0.004, 0.7],
        shares=KindShares(history=0.9, popularity=0.1),
        source_shares={"id": 1.0},
    )
    shown = show_explanation(catalogue, explanation, ["b", "c", "a"])
    reasons = [(one.title, one.weight) for one in shown.reasons]
    assert reasons == [("Alien", 0.7), ("b", 0.2)]
    assert shown.title == "z"  # which the catalogue does not know
