import pytest
from scipy.stats import gamma

from serving.gateway.ranking.new_item_budget import NewItemBudget
from serving.gateway.ranking.new_item_budget import compute_upper_bound
from serving.gateway.ranking.new_item_budget import judge
from serving.gateway.ranking.new_item_counts import ItemCount
from serving.gateway.ranking.ranking_config import NewItemConfig
from serving.gateway.records.exposure import ExposedItem
from serving.gateway.records.exposure import Exposure

_CONFIG = NewItemConfig(share=0.1, max_shows=100, max_days=2.0)
_DAY = 86_400.0


def _build():
    return NewItemBudget({"main": _CONFIG, "other": NewItemConfig()})


def _learn(budget, new, *taken, times=1):
    items = (ExposedItem(item_id=one, score=0.0) for one in f"{new}abc")
    exposure = Exposure(
        slate_id="s", user_id="u", timestamp=0.0, items=tuple(items)
    )
    for _ in range(times):
        budget.learn(exposure, dict.fromkeys(taken, 1.0))


@pytest.mark.parametrize(
    ("rewards", "expected"), [(0.0, 0.0), (0.0, 4.0), (3.0, 1.5), (90.0, 60.0)]
)
def test_upper_bound_is_the_95th_percentile_of_the_gamma_distribution(
    rewards, expected
):
    count = ItemCount(shows=1, rewards=rewards, expected=expected)
    exact = gamma.ppf(0.95, 1.0 + rewards, scale=1.0 / (1.0 + expected))
    assert compute_upper_bound(count) == pytest.approx(exact, rel=0.02)


def test_item_is_explored_until_it_is_worse_or_known():
    def tell(now=0.0, **fields):
        return judge(ItemCount(since=0.0, **fields), _CONFIG, now)

    assert judge(ItemCount(), _CONFIG, 1e9) == "explored"
    # Without a reward the bound is 3.0 / (1 + expected).
    assert tell(shows=5, expected=1.9) == "explored"
    assert tell(shows=5, expected=2.1) == "worse"
    assert tell(shows=99, rewards=10.0, expected=9.0) == "explored"
    assert tell(shows=100, rewards=10.0, expected=9.0) == "known"
    assert tell(now=2.1 * _DAY, shows=5) == "known"


def test_unknown_items_come_in_the_order_of_their_scores():
    budget = _build()
    assert budget.order("main", {"x": 0.1, "y": 0.3, "z": 0.3}, 0.0) == [
        "y",
        "z",
        "x",
    ]
    assert budget.order("other", {"x": 0.1}, 0.0) == []


def test_item_that_people_take_goes_before_an_unknown_one():
    budget = _build()
    budget.order("main", {"x": 0.0, "y": 0.0}, 0.0)
    _learn(budget, "y", "y", "a", times=20)
    assert budget.order("main", {"x": 0.0, "y": 0.0}, 0.0)[0] == "x"
    _learn(budget, "y", "y", times=40)
    assert budget.order("main", {"x": 0.0, "y": 0.0}, 0.0)[0] == "y"


def test_bad_item_is_explored_no_more():
    budget = _build()
    budget.order("main", {"x": 0.0, "y": 0.0}, 0.0)
    _learn(budget, "x", "a", times=5)
    assert budget.order("main", {"x": 9.0, "y": 0.0}, 0.0) == ["y"]


def test_only_items_that_came_as_new_are_counted():
    budget = _build()
    _learn(budget, "x", "a")
    assert budget.describe(0.0)["main"]["items"] == {}


def test_gateways_that_share_a_document_count_together_and_nothing_twice():
    one, two = _build(), _build()
    for budget in (one, two):
        budget.order("main", {"x": 0.0}, 0.0)
        assert not budget.has_news
        _learn(budget, "x", "a")
        assert budget.has_news
    document = one.dump()
    one.note_kept(document)
    assert not one.has_news
    two.load(document)
    assert two.has_news
    together = two.dump()
    two.note_kept(together)
    for _ in range(2):  # twice changes nothing
        one.load(together)
    for budget in (one, two):
        told = budget.describe(0.0)["main"]
        assert told["shows"] == 2
        assert told["items"]["x"]["shows"] == 2
        assert not budget.has_news


def test_what_is_counted_while_it_is_saved_is_saved_next_time():
    budget = _build()
    budget.order("main", {"x": 0.0}, 0.0)
    _learn(budget, "x")
    document = budget.dump()
    _learn(budget, "x")
    budget.note_kept(document)
    assert budget.has_news
    again = _build()
    again.load(document)
    again.load(budget.dump())
    assert again.describe(0.0)["main"]["shows"] == 2


def test_damaged_document_changes_nothing():
    budget = _build()
    budget.order("main", {"x": 0.0}, 0.0)
    _learn(budget, "x", "x")
    before = budget.describe(0.0)
    with pytest.raises(ValueError, match="must be as they were written"):
        budget.load(b"{")
    assert budget.describe(0.0) == before
    assert budget.has_news


def test_operators_are_told_states_and_counts():
    budget = _build()
    assert budget.is_on
    assert not NewItemBudget({"other": NewItemConfig()}).is_on
    budget.order("main", {"x": 0.0, "y": 0.0}, 0.0)
    _learn(budget, "x", "a", times=9)
    _learn(budget, "y", "y")
    told = budget.describe(0.0)
    assert list(told) == ["main"]
    counts = {name: told["main"][name] for name in ("explored", "worse")}
    assert counts == {"explored": 1, "worse": 1}
    assert told["main"]["known"] == 0
    assert told["main"]["items"]["y"]["rewards"] == 1.0
