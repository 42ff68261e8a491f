"""Windows for text pairs, read back from what Transform wrote."""

import pytest

from trainer.backbone.adaptation.behavior_windows import read_behavior_windows


@pytest.fixture(scope="module")
def windows(training_inputs):
    return list(
        read_behavior_windows(
            training_inputs.train_paths, training_inputs.transform
        )
    )


def test_every_window_ends_with_its_label(windows):
    # 48 users, 10 events of the window and the label.
    assert len(windows) == 48
    assert {len(window.item_ids) for window in windows} == {11}


def test_items_and_scenarios_are_named_as_they_came(windows):
    window = windows[0]
    # A user walks through the 12 items of one genre in order.
    first, second = (int(item[1:]) % 12 for item in window.item_ids[:2])
    assert (first + 1) % 12 == second
    assert list(window.scenarios) == [""] * 11


def test_dataset_without_texts_has_none(windows):
    assert all(len(window.texts) == 0 for window in windows)
