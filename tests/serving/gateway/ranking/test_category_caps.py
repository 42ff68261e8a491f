from serving.gateway.ranking.category_caps import CategoryCaps
from serving.gateway.ranking.ranking_config import CapRule


def test_full_category_lets_nothing_more_in():
    caps = CategoryCaps([CapRule(max_items=2)])
    for _ in range(2):
        assert caps.allows(("War", "Drama"))
        caps.add(("War", "Drama"))
    assert not caps.allows(("War",))
    assert not caps.allows(("Comedy", "Drama"))
    assert caps.allows(("Comedy",))


def test_cap_of_named_categories_leaves_the_others_alone():
    caps = CategoryCaps([CapRule(max_items=0, categories={"War"})])
    assert not caps.allows(("War",))
    assert caps.allows(("Drama",))


def test_tightest_of_several_caps_counts():
    caps = CategoryCaps(
        [CapRule(max_items=2), CapRule(max_items=1, categories={"War"})]
    )
    caps.add(("War",))
    caps.add(("Drama",))
    assert not caps.allows(("War",))
    assert caps.allows(("Drama",))


def test_category_named_twice_counts_once():
    caps = CategoryCaps([CapRule(max_items=2)])
    caps.add(("War", "War"))
    assert caps.allows(("War",))


def test_item_without_categories_is_never_capped():
    assert CategoryCaps([CapRule(max_items=0)]).allows(())


def test_copy_counts_by_itself():
    caps = CategoryCaps([CapRule(max_items=1)])
    caps.copy().add(("War",))
    assert caps.allows(("War",))
