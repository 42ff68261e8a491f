from serving.gateway.ranking.candidate import Candidate
from serving.gateway.records.item_facts import ItemFacts


def test_candidate_without_facts_has_no_categories():
    assert Candidate(item_id="a", score=0.0).categories == ()


def test_candidate_has_the_categories_of_its_facts():
    facts = ItemFacts(item_id="a", title="A", categories=("Drama", "War"))
    one = Candidate(item_id="a", score=0.0, facts=facts)
    assert one.categories == ("Drama", "War")
