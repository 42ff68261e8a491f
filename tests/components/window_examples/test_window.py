from components.window_examples.window import Window
from components.window_examples.window import WindowEvent
from tests.components.window_examples.written_window import WINDOW


def test_query_asks_at_the_moment_of_the_label():
    query = WINDOW.to_query()
    assert query.item_ids == ["b", "c"]
    assert query.event_types == ["search", "rate"]
    assert query.timestamps == [20, 30]
    assert query.values == [3.0, 4.5]
    assert query.scenario == "news"
    assert query.query_time == 40
    assert query.profile == {"age": "35", "taste": "a=b"}


def test_next_query_holds_the_label():
    query = WINDOW.to_next_query()
    assert query.item_ids == ["b", "c", "d"]
    assert query.profile == {"age": "35", "taste": "a=b"}


def test_items_met_before_the_window_are_left_out():
    assert WINDOW.to_constraints().excluded_item_ids == ("a",)


def test_empty_window_is_a_query():
    window = Window(user_id="u", events=(), label=WindowEvent("a"))
    assert window.to_query().item_ids == []


def test_what_was_met_may_be_shown_where_the_dataset_repeats():
    constraints = WINDOW.to_constraints(repeats=True)
    assert constraints.excluded_item_ids == ()
    assert not constraints.exclude_history
