"""Text pairs: which texts belong together by what people did."""

from trainer.backbone.adaptation.text_pairs import BehaviorWindow
from trainer.backbone.adaptation.text_pairs import TextPair
from trainer.backbone.adaptation.text_pairs import build_text_pairs
from trainer.config import AdaptationConfig

TEXTS = {"1": "one", "2": "two", "3": "three", "4": "four"}


def _build(windows, texts=TEXTS, seed=0, **settings):
    config = AdaptationConfig(method="lora", **settings)
    return build_text_pairs(windows, texts, config, seed)


def test_neighbours_in_a_window_become_pairs():
    windows = [BehaviorWindow(["1", "2", "gone", "3"]), BehaviorWindow(["3"])]
    assert _build(windows) == [TextPair("one", "two"), TextPair("two", "three")]


def test_items_within_the_distance_become_pairs():
    pairs = _build([BehaviorWindow(["1", "2", "3", "4"])], pair_distance=2)
    assert [pair[:2] for pair in pairs] == [
        ("one", "two"),
        ("one", "three"),
        ("two", "three"),
        ("two", "four"),
        ("three", "four"),
    ]


def test_what_was_searched_for_is_paired_with_the_item_of_its_event():
    window = BehaviorWindow(["1", "gone", "2"], ["", "lost", "a pair"])
    assert _build([window], pair_sources=["texts"]) == [
        TextPair("a pair", "two")
    ]


def test_pair_has_the_scenario_of_its_later_event():
    window = BehaviorWindow(["1", "2"], ["find one", ""], ["books", "films"])
    assert _build([window]) == [
        TextPair("one", "two", "films"),
        TextPair("find one", "one", "books"),
    ]


def test_item_is_never_paired_with_itself():
    pairs = _build([BehaviorWindow(["1", "1", "2", "2"])])
    assert pairs == [TextPair("one", "two")]


def test_drawn_pairs_follow_the_seed_and_are_no_more_than_training_reads():
    texts = {str(i): f"text {i}" for i in range(50)}
    windows = [BehaviorWindow(list(texts))]
    settings = {"num_steps": 5, "batch_size": 2}
    first = _build(windows, texts, seed=1, **settings)
    assert len(set(first)) == 10
    assert first == _build(windows, texts, seed=1, **settings)
    assert first != _build(windows, texts, seed=2, **settings)
