import pytest

from components.behavior_example_gen.remedies import find_remedy


@pytest.mark.parametrize(
    ("reason", "setting"),
    [
        ("wrong number of columns", "`delimiter`"),
        ("empty file", "`path`"),
        ("duplicate item_id", "first row"),
    ],
)
def test_remedy_names_the_setting(reason, setting):
    assert setting in find_remedy(reason)


def test_reason_that_nobody_foresaw_has_no_remedy():
    assert find_remedy("too blue") == ""
