"""What every source must do: a new one is tested by being registered."""

import numpy as np
import pytest
import tensorflow as tf

from schemas.signatures import ENCODE_ITEMS_INPUTS
from tests.trainer.bfloat16 import require_bfloat16
from tests.trainer.sources.catalogue import ITEMS
from tests.trainer.sources.catalogue import KNOWN
from tests.trainer.sources.catalogue import UNKNOWN
from trainer.config import TowerConfig
from trainer.sources import SOURCES
from trainer.towers.candidate_tower import CandidateTower

_DIM = 4
_REQUEST = {
    "title": tf.constant(["A title", "Another one"]),
    "description": tf.constant(["", "Said of it."]),
    "categories": tf.constant([["", "y"], ["", ""]]),
}
# Numbers of an item, which some sources read.
_REQUEST |= {
    name: tf.constant([5.0, np.nan])
    for source in SOURCES.values()
    for name in source.inputs
}


class _Reader:
    """Stands where the backbone does: a text is its length and its words."""

    @staticmethod
    def encode(texts):
        length = tf.cast(tf.strings.length(texts), tf.float32)
        words = tf.cast(tf.strings.split(texts).row_lengths(), tf.float32)
        return tf.math.l2_normalize(tf.stack([length, words], 1), axis=1)


@pytest.fixture(scope="module", params=SOURCES)
def name(request):
    return request.param


@pytest.fixture(params=["float32", "mixed_bfloat16"])
def policy(request):
    if request.param != "float32":
        require_bfloat16()
    tf.keras.mixed_precision.set_global_policy(request.param)
    yield request.param
    tf.keras.mixed_precision.set_global_policy("float32")


def _config(name):
    """The source beside the text, which no configuration leaves out."""
    return TowerConfig(
        embedding_dim=_DIM, sources={"text": {}} | {name: {}}, id_dropout=0.0
    )


def _source(name):
    tf.keras.utils.set_random_seed(3)
    source_class = SOURCES[name]
    settings = source_class.settings_class()
    return source_class(ITEMS, _config(name), settings)


def _tower(name):
    tf.keras.utils.set_random_seed(3)
    return CandidateTower(ITEMS, _config(name))


def _encode(source, rows):
    return source.encode(source.look_up(tf.constant(rows, tf.int32)))


def _encode_new(name):
    source = _source(name)
    return source.encode(source.read(_REQUEST, _Reader()))


@pytest.mark.parametrize("rows", [[], [0], [1], [2, 0, 1]])
def test_any_batch_is_encoded_to_finite_vectors(name, rows, policy):
    vectors, is_known = _encode(_source(name), rows)
    assert vectors.shape == (len(rows), _DIM)
    assert vectors.dtype == policy.removeprefix("mixed_")
    assert is_known.shape == (len(rows),)
    assert is_known.dtype == tf.bool
    assert np.isfinite(tf.cast(vectors, tf.float32)).all()


def test_item_of_which_everything_is_known_is_present(name):
    _, is_known = _encode(_source(name), [KNOWN])
    assert is_known.numpy().tolist() == [True]


def test_absent_source_gives_its_place_to_the_learned_vector(name):
    _, is_known = _encode(_source(name), [UNKNOWN])
    if is_known.numpy().all():
        pytest.skip("knows something of every item")
    tower = _tower(name)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(tower(tf.constant([UNKNOWN])))
    absent = next(v for v in tower.weights if "absent" in v.name)
    gradient = tape.gradient(total, absent).numpy()
    place = tower.source_names.index(name)
    assert np.abs(gradient[place]).max() > 0.0
    # The text is there: its absence is not looked at.
    assert np.abs(gradient[tower.source_names.index("text")]).max() == 0.0


def test_order_and_company_do_not_change_a_vector(name):
    source = _source(name)
    together, _ = _encode(source, [0, 1, 2])
    for row in range(3):
        alone, _ = _encode(source, [row])
        np.testing.assert_allclose(alone[0], together[row], atol=1e-6)


def test_new_items_are_encoded_like_those_of_the_catalogue(name):
    vectors, is_known = _encode_new(name)
    assert vectors.shape == (2, _DIM)
    assert np.isfinite(vectors).all()
    if SOURCES[name].is_behavior:
        assert not is_known.numpy().any()


def test_what_new_items_lack_training_learns_to_do_without(name):
    _, of_new = _encode_new(name)
    if of_new.numpy().any():
        pytest.skip("knows something of new items")
    tf.keras.utils.set_random_seed(4)
    # Drawn by the default rates: some of a thousand must be hidden.
    source = SOURCES[name](ITEMS, TowerConfig(), SOURCES[name].settings_class())
    rows = tf.fill([1000], KNOWN)
    _, is_known = source.encode(source.look_up(rows, training=True))
    assert 0 < is_known.numpy().sum() < 1000


def test_no_new_items_are_no_vectors(name):
    source = _source(name)
    nothing = {key: value[:0] for key, value in _REQUEST.items()}
    vectors, is_known = source.encode(source.read(nothing, _Reader()))
    assert vectors.shape == (0, _DIM)
    assert is_known.shape == (0,)


def test_training_moves_the_vectors_of_items(name, policy):
    tower = _tower(name)
    rows = tf.constant([0, 1, 2])
    wanted = tf.constant(np.eye(3, _DIM, dtype=np.float32))
    optimizer = tf.keras.optimizers.Adam(0.1)
    losses = []
    for _ in range(15):
        with tf.GradientTape() as tape:
            vectors = tower(rows, training=True)
            loss = tf.reduce_mean((vectors - wanted) ** 2)
        variables = tower.trainable_variables
        gradients = tape.gradient(loss, variables)
        assert all(g is not None for g in gradients)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        losses.append(float(loss))
    assert np.isfinite(losses).all()
    assert losses[-1] < 0.5 * losses[0]
    assert tower(rows).dtype == tf.float32


def test_shares_name_the_source_and_sum_to_one(name):
    tower = _tower(name)
    assert name in tower.source_names
    shares = tower.compute_source_shares(tf.constant([0, 1])).numpy()
    assert shares.shape == (2, len(tower.source_names))
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-5)
    assert (shares > 0.0).all()


def _save(tower, folder):
    """Exports the two functions of a tower, and loads them again."""
    module = tf.Module()
    module.tower = tower
    module.look_up = tf.function(
        tower, input_signature=[tf.TensorSpec([None], tf.int32)]
    )

    @tf.function(autograph=False)
    def read(**request):
        return {"vectors": tower.fuse(tower.read(request, _Reader()))}

    specs = {
        name: tf.TensorSpec([None] * len(value.shape), value.dtype, name)
        for name, value in _REQUEST.items()
    }
    tf.saved_model.save(
        module, folder, signatures=read.get_concrete_function(**specs)
    )
    return tf.saved_model.load(folder)


def test_saved_tower_answers_as_before(name, tmp_path):
    tower = _tower(name)
    rows = tf.constant([2, 0, 1])
    before = tower(rows), tower.fuse(tower.read(_REQUEST, _Reader()))
    loaded = _save(tower, str(tmp_path / "saved"))
    answer = loaded.signatures["serving_default"](**_REQUEST)
    after = loaded.look_up(rows), answer["vectors"]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_what_is_read_of_new_items_is_told_by_name_and_type(name):
    for dtype, rank in SOURCES[name].inputs.values():
        assert (dtype, rank) == ("float32", 1)
    assert not SOURCES[name].inputs.keys() & ENCODE_ITEMS_INPUTS.keys()


def test_misspelt_setting_is_refused_by_name(name):
    with pytest.raises(ValueError, match=rf"`{name}`.*no_such_setting"):
        TowerConfig(sources={"text": {}} | {name: {"no_such_setting": 1}})
