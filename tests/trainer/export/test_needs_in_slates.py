"""What a need names comes first in slates, what it refuses last."""

import numpy as np
import tensorflow as tf

from schemas import signatures
from tests.trainer.made_up_world import GENRES
from tests.trainer.made_up_world import genre_of

HISTORY = ("i12", "i13", "i14")


def _ids(answer):
    return [item_id.decode() for item_id in answer["item_id"].numpy()[0]]


def test_what_a_need_names_comes_first(loaded, make_request):
    recommend = loaded.signatures[signatures.RECOMMEND]
    for history in ((), HISTORY):
        for genre, name in enumerate(GENRES):
            need = tf.constant([f"some {name} please"])
            ids = _ids(recommend(**make_request(history, need=need)))
            assert {genre_of(item_id) for item_id in ids} == {genre}


def test_what_a_need_refuses_comes_last(loaded, make_request):
    recommend = loaded.signatures[signatures.RECOMMEND]
    for genre, name in enumerate(GENRES):
        need = tf.constant([f"no {name}"])
        answer = recommend(**make_request(need=need, k=tf.constant([36])))
        assert genre not in {genre_of(item_id) for item_id in _ids(answer)}


def test_need_of_one_request_changes_no_other(loaded, make_request):
    recommend = loaded.signatures[signatures.RECOMMEND]
    alone = make_request(HISTORY)
    told = make_request(HISTORY, need=tf.constant(["old horor"]))
    both = {n: tf.concat([alone[n], told[n]], axis=0) for n in alone}
    answer = recommend(**both)
    for row, request in enumerate((alone, told)):
        expected = recommend(**request)
        ids = answer["item_id"][row].numpy().tolist()
        assert ids == expected["item_id"][0].numpy().tolist()
        np.testing.assert_allclose(
            answer["score"][row], expected["score"][0], atol=1e-4
        )
