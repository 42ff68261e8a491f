import math

import pytest

from serving.gateway.slates.title_words import TitleWords
from serving.gateway.slates.title_words import compute_likeness
from serving.gateway.slates.title_words import compute_rarity
from serving.gateway.slates.title_words import find_year
from serving.gateway.slates.title_words import say_title


def _compare(one, other, weights=None):
    weights = weights or {}
    return compute_likeness(
        TitleWords(one), TitleWords(other), lambda word: weights.get(word, 1.0)
    )


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Toy Story 9 (2026)", {"toy", "story"}),
        ("Matrix, The (1999)", {"matrix"}),
        ("Rocky III (1982)", {"rocky"}),
        ("Schindler's List (1993)", {"schindlers", "list"}),
        ("300 (2007)", {"300", "2007"}),
        ("七人の侍 (1954)", {"七人の侍"}),
    ],
)
def test_numbers_and_articles_are_words_where_there_is_nothing_else(
    title, words
):
    assert TitleWords(title).all == words


@pytest.mark.parametrize(
    "sequel",
    [
        "Heat 2 (2026)",
        "Heat: Part Two (2026)",
        "HEAT II: The Return of Everybody",
    ],
)
def test_sequel_is_as_alike_as_can_be(sequel):
    assert _compare("Heat (1995)", sequel) == 1.0


def test_rare_word_in_common_counts_more_than_a_frequent_one():
    weights = {"man": 1.0, "iron": 4.0, "cinderella": 4.0}
    # 2 * 4 / (5 + 4), and 2 * 1 / (5 + 5).
    assert _compare("Iron Man", "3-Iron", weights) == pytest.approx(8 / 9)
    assert _compare("Iron Man", "Cinderella Man", weights) == pytest.approx(0.2)


def test_titles_without_a_word_in_common_are_not_alike():
    assert _compare("Heat", "Fargo") == 0.0
    assert _compare("", "") == 0.0


def test_rarity_falls_with_the_titles_that_have_a_word():
    assert compute_rarity(100, 50) == pytest.approx(math.log(3))
    assert compute_rarity(100, 0) == compute_rarity(100, 1) > 0
    assert compute_rarity(0, 0) > 0


@pytest.mark.parametrize(
    ("title", "said", "year"),
    [
        ("Matrix, The (1999)", "The Matrix", 1999),
        ("City, The (La Ville) (1995)", "The City", 1995),
        ("Heat (1995) ", "Heat", 1995),
        ("Airplane! (Flying High)", "Airplane! (Flying High)", None),
        ("1984", "1984", None),
    ],
)
def test_title_is_said_without_its_year_and_with_its_article_first(
    title, said, year
):
    assert say_title(title) == said
    assert find_year(title) == year
