"""Peers that go by text find what was planted in made-up texts."""

import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks.quality.interactions import build_interactions
from benchmarks.quality.peers import FactorsFromText
from benchmarks.quality.peers import PopularityFromContent
from benchmarks.quality.peers import RandomOrder
from benchmarks.quality.peers import TextSimilarity
from benchmarks.quality.peers.text_similarity import build_tfidf
from benchmarks.quality.ranking_protocol import evaluate
from benchmarks.quality.ranking_protocol import recommend
from benchmarks.quality.splits import split_cold_items


def _people_with_one_genre_each():
    """60 people take 10 of the 30 items of one of two genres."""
    lots = np.random.RandomState(5)
    users = np.repeat(np.arange(60), 10)
    items = np.concatenate(
        [30 * (user % 2) + lots.permutation(30)[:10] for user in range(60)]
    )
    texts = [f"title{item} war" for item in range(30)]
    texts += [f"title{item} love" for item in range(30, 60)]
    return build_interactions(users, items, np.arange(600)), texts


def test_rare_words_weigh_more_and_texts_have_length_one():
    vectors = build_tfidf(["War of worlds", "war WAR", "a"]).toarray()
    # Words in order: of, war, worlds. "a" is too short to be a word.
    assert vectors.shape == (3, 3)
    rare, common = np.log(4 / 2) + 1, np.log(4 / 3) + 1
    length = np.sqrt(2 * rare**2 + common**2)
    expected = np.array([rare, common, rare]) / length
    np.testing.assert_allclose(vectors[0], expected, rtol=1e-6)
    assert vectors[1].tolist() == [0, 1, 0]
    assert vectors[2].tolist() == [0, 0, 0]


def test_tfidf_is_that_of_scikit_learn():
    text = pytest.importorskip("sklearn.feature_extraction.text")
    texts = ["Toy Story (1995) Comedy", "Heat (1995) Crime crime", "Sabrina"]
    vectorizer = text.TfidfVectorizer(sublinear_tf=True)
    expected = vectorizer.fit_transform(texts).toarray()
    np.testing.assert_allclose(
        build_tfidf(texts).toarray(), expected, rtol=1e-5
    )


def test_text_similarity_finds_new_items_of_the_same_genre():
    data, texts = _people_with_one_genre_each()
    train, queries = split_cold_items(data)
    peer = TextSimilarity(texts)
    peer.fit(train)
    slates = recommend(peer, queries)
    for query, slate in enumerate(slates):
        is_love = queries.users[query] % 2
        candidates = np.flatnonzero(queries.is_candidate)
        liked = candidates[candidates // 30 == is_love]
        assert set(slate[: len(liked)]) == set(liked)


def test_factors_are_guessed_from_text():
    pytest.importorskip("implicit", reason="comes with requirements/peers.in")
    data, texts = _people_with_one_genre_each()
    train, queries = split_cold_items(data)
    peer = FactorsFromText(texts, ridge=1.0)
    peer.fit(train)
    warm = np.flatnonzero(~queries.is_candidate)
    taken = [warm[0], warm[-1]]  # one of war, one of love
    weights = sp.csr_array(np.eye(60, dtype=np.float32)[taken])
    scores = peer.score(weights, queries)
    cold = np.flatnonzero(queries.is_candidate)
    war, love = cold[cold < 30], cold[cold >= 30]
    assert len(war)
    assert len(love)
    assert scores[0, war].min() > scores[0, love].max()
    assert scores[1, love].min() > scores[1, war].max()


def test_new_items_like_the_popular_ones_come_first():
    """Of 60 items the war films of a good year are seen by most people."""
    lots = np.random.RandomState(6)
    years = np.where(np.arange(60) % 3 == 0, 1999.0, 1950.0)
    years[7] = np.nan
    is_war = np.arange(60) < 30
    chance = 0.1 + 0.3 * is_war + 0.3 * (years == 1999.0)
    users, items = np.nonzero(lots.uniform(size=(300, 60)) < chance)
    data = build_interactions(users, items, np.arange(len(users)))
    texts = ["war story" if war else "love story" for war in is_war]
    train, queries = split_cold_items(data)
    peer = PopularityFromContent(texts, years, ridge=1.0)
    peer.fit(train)
    history = sp.csr_array((2, 60), dtype=np.float32)
    scores = peer.score(history, queries)
    assert (scores[0] == scores[1]).all()
    cold = np.flatnonzero(queries.is_candidate)
    assert len(cold) == 6
    by_chance = cold[np.argsort(-chance[cold], kind="stable")]
    by_score = cold[np.argsort(-scores[0, cold], kind="stable")]
    assert chance[by_score].tolist() == chance[by_chance].tolist()
    assert np.isfinite(scores).all()


def test_random_slates_repeat_and_find_the_share_of_relevant_items():
    users, items = np.repeat(np.arange(400), 20), np.tile(np.arange(20), 400)
    data = build_interactions(users, items, np.arange(8000))
    train, queries = split_cold_items(data)
    peer = RandomOrder(seed=2)
    peer.fit(train)
    first = peer.score(sp.csr_array((400, 20), dtype=np.float32), queries)
    peer.fit(train)
    again = peer.score(sp.csr_array((400, 20), dtype=np.float32), queries)
    assert (first == again).all()
    # Each of the 2 cold items is first half of the time.
    slates = recommend(peer, queries)
    target = queries.get_targets(0)[0]
    assert evaluate(slates, queries).recall_at_10 == 1.0
    assert abs((slates[:, 0] == target).mean() - 0.5) < 0.1
