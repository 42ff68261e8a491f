"""Asked again without an event, the model answers as if it never was."""

import numpy as np
import pytest
import tensorflow as tf

from schemas import signatures
from trainer.export.leave_one_out import compute_drops
from trainer.export.leave_one_out import leave_kinds_out

HISTORY = ("i12", "i13", "i30", "i14", "i15")


def _ask(request):
    """Scores by hand: each event "1".."9" is worth its digit, a need 100."""
    digits = tf.where(request["item_id"] == "", "0", request["item_id"])
    total = tf.reduce_sum(tf.strings.to_number(digits), axis=1)
    total += tf.where(request["need"] == "", 0.0, 100.0)
    return total[:, tf.newaxis] * [[1.0, -1.0]]


def test_every_kind_is_left_out_of_its_own_request():
    asked = leave_kinds_out(
        {
            "item_id": tf.constant([["1", "2"], ["5", ""]]),
            "need": tf.constant(["", "quiet"]),
        }
    )
    # Each as it is, without history, without need, without both.
    np.testing.assert_allclose(_ask(asked)[:, 0], [3, 0, 3, 0, 105, 100, 5, 0])


def test_every_event_is_left_out_of_its_own_row_and_asking():
    request = {
        "item_id": tf.constant([["1", "2"], ["5", ""]]),
        "need": tf.constant(["", "quiet"]),
    }
    drops = compute_drops(request, _ask(request), _ask)
    np.testing.assert_allclose(drops, [[[1, 2], [-1, -2]], [[5, 0], [-5, 0]]])


def test_padding_owes_nothing_even_where_sums_are_not_exact():
    request = {
        "item_id": tf.constant([["5", ""]]),
        "need": tf.constant(["quiet"]),
    }

    def ask_inexactly(asked):
        places = tf.range(1, 1 + tf.shape(asked["need"])[0])
        return _ask(asked) + 1e-3 * tf.cast(places, tf.float32)[:, tf.newaxis]

    drops = compute_drops(request, _ask(request), ask_inexactly)
    # The first row is 1e-3 apart; the padding's row is not looked at.
    np.testing.assert_allclose(drops[0, 0], [5 - 1e-3, 0.0], atol=1e-5)


def _cut_each(request):
    """L requests of people to whom one of the L events never happened."""
    length = request["item_id"].shape[1]
    cut = {}
    for name, value in request.items():
        if name in ("item_id", "event_type", "timestamp", "value"):
            row = value.numpy()[0]
            rest = [np.delete(row, place) for place in range(length)]
            cut[name] = tf.constant(np.stack(rest))
        else:
            cut[name] = tf.repeat(value, length, axis=0)
    return cut


def _rank(serving_module, request, item_ids):
    query = {name: request[name] for name in signatures.QUERY_INPUTS}
    return serving_module.rank({**query, "candidate_item_id": item_ids})


def _explain(serving_module, request, item_ids):
    query = {name: request[name] for name in signatures.QUERY_INPUTS}
    return serving_module.explain({**query, "candidate_item_id": item_ids})


def test_drops_are_those_of_a_request_without_the_event(
    serving_module, make_request
):
    request = make_request(HISTORY, need=tf.constant(["old horror"]))
    items = tf.constant([["i16", "i31", "nobody"]])
    explained = _explain(serving_module, request, items)
    whole = _rank(serving_module, request, items)["score"]
    np.testing.assert_allclose(explained["score"], whole, rtol=1e-5)
    repeated = tf.repeat(items, len(HISTORY), axis=0)
    rest = _rank(serving_module, _cut_each(request), repeated)["score"]
    np.testing.assert_allclose(
        explained["score_drops"][0], tf.transpose(whole - rest), atol=1e-4
    )
    nothing = make_request((), need=tf.constant(["old horror"]))
    np.testing.assert_allclose(
        explained["score_without_history"],
        _rank(serving_module, nothing, items)["score"],
        rtol=1e-4,
    )
    np.testing.assert_allclose(
        explained["score_without_need"],
        _rank(serving_module, make_request(HISTORY), items)["score"],
        rtol=1e-4,
    )


def test_weights_sum_to_the_share_of_the_history(serving_module, make_request):
    request = make_request(HISTORY, need=tf.constant(["old horror"]))
    items = serving_module.recommend(request)["item_id"]
    explained = _explain(serving_module, request, items)
    weights = explained["history_weights"].numpy()[0]
    assert weights.min() >= 0.0
    history = explained["history_share"].numpy()[0]
    assert history.max() > 0.1
    np.testing.assert_allclose(weights.sum(axis=-1), history, atol=1e-5)
    kinds = sum(explained[name].numpy()[0] for name in signatures.KIND_SHARES)
    np.testing.assert_allclose(kinds, 1.0, atol=1e-5)


def test_places_are_counted_among_all_items_outside_the_history(
    serving_module, make_request
):
    request = make_request(HISTORY, need=tf.constant(["old horror"]))
    every = [f"i{n:02d}" for n in range(48)]
    explained = _explain(serving_module, request, tf.constant([every]))
    outside = np.array([item not in HISTORY for item in every])
    for place, changes in (
        ("place", {}),
        ("place_without_history", {"item_id": tf.fill([1, len(HISTORY)], "")}),
        ("place_without_need", {"need": tf.constant([""])}),
    ):
        asked = _rank(serving_module, request | changes, tf.constant([every]))
        scores = asked["score"].numpy()[0]
        ahead = (scores[outside] > scores[outside][:, None] + 1e-4).sum(axis=1)
        np.testing.assert_allclose(
            explained[place].numpy()[0, outside], 1 + ahead
        )


def test_item_that_is_not_in_the_catalogue_has_no_place_and_no_reasons(
    serving_module, make_request
):
    explained = _explain(
        serving_module, make_request(HISTORY), tf.constant([["nobody"]])
    )
    for name in (*signatures.KIND_SHARES, "place", "place_without_history"):
        assert explained[name].numpy().tolist() == [[0.0]]


def test_source_shares_sum_to_one_and_an_unknown_item_has_none(
    serving_module, make_request
):
    explained = _explain(
        serving_module, make_request(HISTORY), tf.constant([["i16", "nobody"]])
    )
    shares = explained["source_shares"].numpy()
    np.testing.assert_allclose(shares.sum(axis=-1), [[1.0, 0.0]], atol=1e-5)
    names = [name.decode() for name in explained["source_names"].numpy()[0]]
    assert {"text", "id", "category"} <= set(names)
    assert shares.shape[-1] == len(names)


def _iterate_histories():
    """Mixed histories: mostly one genre, some events of another."""
    rng = np.random.default_rng(3)
    for number in range(12):
        genre, other = number % 4, (number + 1 + number // 4) % 4
        own = 12 * genre + (rng.integers(12) + np.arange(5)) % 12
        strange = 12 * other + rng.choice(12, 2, replace=False)
        events = np.insert(own, rng.integers(0, 5, 2), strange)
        yield [f"i{n:02d}" for n in events]


@pytest.fixture(scope="module")
def answers(serving_module, make_request):
    """Of each history: both answers, and the scores without each event."""
    found = []
    for history in _iterate_histories():
        request = make_request(history, k=tf.constant([3]))
        slate = serving_module.recommend(request)
        items = slate["item_id"]
        explained = _explain(serving_module, request, items)
        repeated = tf.repeat(items, len(history), axis=0)
        rest = _rank(serving_module, _cut_each(request), repeated)
        found.append((slate, explained, rest["score"].numpy()))  # [L, K]
    return found


@pytest.mark.parametrize("source", ["recommend", "explain"])
def test_event_with_most_weight_is_missed_more_than_another(answers, source):
    wins = []
    for slate, explained, rest in answers:
        if source == "recommend":
            tops = slate["history_positions"].numpy()[0, :, 0]
        else:
            tops = explained["history_weights"].numpy()[0].argmax(axis=-1)
        for column, top in enumerate(tops):
            others = np.delete(rest[:, column], top)
            wins.append(np.mean(rest[top, column] < others))
    assert np.mean(wins) >= 0.8


def test_recommend_divides_the_reasons_among_kinds_as_explain_does(
    serving_module, make_request
):
    needs = ("", "old horror", "love story", "space")
    told, exact = [], []
    for number, history in enumerate(_iterate_histories()):
        # Every kind alone, and with the others.
        request = make_request(
            history if number % 3 else (),
            need=tf.constant([needs[number % 4]]),
            k=tf.constant([3]),
        )
        slate = serving_module.recommend(request)
        explained = _explain(serving_module, request, slate["item_id"])
        for found, answer in ((told, slate), (exact, explained)):
            shares = [answer[name][0] for name in signatures.KIND_SHARES]
            found += np.stack(shares, axis=1).tolist()
    told, exact = np.array(told), np.array(exact)
    assert (exact.max(axis=0) > 0.3).all()
    # So small a catalogue is compared with as a whole. What is left is an
    # event that one of both says has raised nothing, and the other has.
    is_same = told.argmax(axis=1) == exact.argmax(axis=1)
    assert np.mean(is_same) >= 0.9
    assert np.abs(told - exact).mean() <= 0.05
