"""Years and decades in needs."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.needs.words import split_words
from trainer.needs.years import NamedYears
from trainer.needs.years import list_years

_YEARS = np.array([1955, 1994, 1999, 2001, 0])  # 0 = not known


@pytest.mark.parametrize(
    ("need", "others"),
    [
        ("a film from 1994", [1, 0, 1, 1, 1]),
        ("comedies of the 90s", [1, 0, 0, 1, 1]),
        ("the nineties", [1, 0, 0, 1, 1]),
        ("1990's", [1, 0, 0, 1, 1]),
        ("2000s", [1, 1, 1, 0, 1]),
        ("before 1999", [0, 0, 1, 1, 1]),
        ("pre-1960 drama", [0, 1, 1, 1, 1]),
        ("after 1999", [1, 1, 1, 0, 1]),
        ("since 1999", [1, 1, 0, 0, 1]),
        ("1994-2000", [1, 0, 0, 1, 1]),
        ("made from 1994 to 2001", [1, 0, 0, 0, 1]),
        ("between 1994 and 1999", [1, 0, 0, 1, 1]),
        ("the year 1850", [0, 0, 0, 0, 0]),  # of which there is nothing
        ("forty dwarfs", [0, 0, 0, 0, 0]),
        ("101 dogs", [0, 0, 0, 0, 0]),
        ("12345", [0, 0, 0, 0, 0]),
        ("", [0, 0, 0, 0, 0]),
    ],
)
def test_items_of_other_years_are_marked(need, others):
    found = NamedYears(_YEARS)(split_words(tf.constant([need])))
    assert found.numpy().tolist() == [others]


def test_year_is_read_from_creation_and_else_from_the_title():
    titles = ["Heat (1995)", "Up (2009)", "1984", "Solaris (1972) (TV)"]
    seconds = np.array([np.nan, 86_400.0 * 366, np.nan, np.nan])
    assert list_years(titles, seconds).tolist() == [1995, 1971, 0, 0]


def test_year_before_1970_is_read_too():
    assert list_years(["Moon"], np.array([-86_400.0])).tolist() == [1969]
