"""Asked again without an event, the model answers as if it never was."""

import numpy as np
import pytest
import tensorflow as tf

from schemas import signatures
from trainer.export.leave_one_out import leave_one_out

HISTORY = ("i12", "i13", "i30", "i14", "i15")


def _ask(request):
    """Scores by hand: each event "1".."9" is worth its digit, a need 100."""
    digits = tf.where(request["item_id"] == "", "0", request["item_id"])
    total = tf.reduce_sum(tf.strings.to_number(digits), axis=1)
    total += tf.where(request["need"] == "", 0.0, 100.0)
    return total[:, tf.newaxis] * [[1.0, -1.0]]


def test_every_part_is_left_out_of_its_own_row_and_asking():
    found = leave_one_out(
        {
            "item_id": tf.constant([["1", "2"], ["5", ""]]),
            "need": tf.constant(["", "quiet"]),
        },
        _ask,
    )
    np.testing.assert_allclose(found.score, [[3, -3], [105, -105]])
    np.testing.assert_allclose(found.without_history, [[0, 0], [100, -100]])
    np.testing.assert_allclose(found.without_need, [[3, -3], [5, -5]])
    np.testing.assert_allclose(
        found.drops, [[[1, 2], [-1, -2]], [[5, 0], [-5, 0]]]
    )


def test_padding_owes_nothing_even_where_sums_are_not_exact():
    request = {
        "item_id": tf.constant([["5", ""]]),
        "need": tf.constant(["quiet"]),
    }

    def ask_inexactly(asked):
        places = tf.range(tf.shape(asked["need"])[0])
        return _ask(asked) + 1e-3 * tf.cast(places, tf.float32)[:, tf.newaxis]

    drops = leave_one_out(request, ask_inexactly).drops
    # Rows 0 and 3 are 3e-3 apart; the padding's row is not looked at.
    np.testing.assert_allclose(drops[0, 0], [5 - 3e-3, 0.0], atol=1e-5)


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


def test_weights_sum_to_one_for_what_is_recommended(
    serving_module, make_request
):
    request = make_request(HISTORY)
    items = serving_module.recommend(request)["item_id"]
    explained = _explain(serving_module, request, items)
    weights = explained["history_weights"].numpy()[0]
    assert weights.min() >= 0.0
    is_raised = explained["score_drops"].numpy()[0].max(axis=-1) > 0.0
    assert is_raised[:3].all()
    np.testing.assert_allclose(weights.sum(axis=-1), is_raised, atol=1e-5)


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
