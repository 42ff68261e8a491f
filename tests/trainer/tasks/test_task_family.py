"""What every task must do: a new one is tested by being registered."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from schemas import signatures
from tests.trainer.bfloat16 import require_bfloat16
from trainer.config import TrainerConfig
from trainer.inputs.item_table import ItemTable
from trainer.tasks import TASKS
from trainer.tasks import Targets
from trainer.tasks import ValueScale

_DIM, _NUM_ITEMS = 4, 6
_ITEMS = ItemTable(
    item_ids=np.array(list("abcdef"), object),
    text_vectors=np.eye(_NUM_ITEMS, dtype=np.float32),
    category_ids=np.full((_NUM_ITEMS, 1), -1, np.int32),
    categories=(),
    counts=np.array([9, 5, 3, 1, 1, 0], np.int64),
    prices=np.full(_NUM_ITEMS, np.nan, np.float32),
    created_at=np.full(_NUM_ITEMS, np.nan),
)
_SCALE = ValueScale(offset=3.0, scale=0.5)


@pytest.fixture(params=TASKS)
def task(request):
    tf.keras.utils.set_random_seed(5)
    return TASKS[request.param].build_task(_ITEMS, TrainerConfig())


def _targets(size, items=None):
    random = np.random.default_rng(size)
    if items is None:
        items = random.normal(size=(_NUM_ITEMS, _DIM))
    return Targets(
        queries=tf.constant(random.normal(size=(size, _DIM)), tf.float32),
        rows=tf.constant(random.integers(0, _NUM_ITEMS, size), tf.int32),
        items=tf.cast(items, tf.float32),
        positive=tf.constant(random.integers(0, 2, size), tf.float32),
        value=tf.constant(random.normal(size=size), tf.float32),
        has_value=tf.constant(random.integers(0, 2, size), tf.float32),
    )


def _judge(task, batch, width):
    random = np.random.default_rng(3)
    return task.judge(
        tf.constant(random.normal(size=(batch, _DIM)), tf.float32),
        tf.constant(random.normal(size=(batch, width, _DIM)), tf.float32),
        tf.ones([batch, width], tf.bool),
        _SCALE,
    )


@pytest.mark.parametrize("size", [0, 1, 7])
def test_loss_of_any_step_is_a_finite_number(task, size):
    loss = task.compute_loss(_targets(size))
    assert loss.shape == ()
    assert loss.dtype == tf.float32
    assert np.isfinite(loss)
    if size == 0:
        assert float(loss) == 0.0


def test_loss_is_a_mean_over_the_targets(task):
    one = _targets(4)
    # Sampled negatives must not differ: take the whole catalogue.
    tf.keras.utils.set_random_seed(1)
    single = float(task.compute_loss(one))
    twice = Targets(
        *(
            value if name == "items" else tf.concat([value, value], axis=0)
            for name, value in one._asdict().items()
        )
    )
    double = float(task.compute_loss(twice))
    # In-batch negatives grow with the batch; a sum would be twice as much.
    assert double < 1.6 * single


def test_training_lowers_the_loss(task):
    targets = _targets(7)
    items, queries = tf.Variable(targets.items), tf.Variable(targets.queries)
    optimizer = tf.keras.optimizers.Adam(0.05)
    losses = []
    for _ in range(40):
        with tf.GradientTape() as tape:
            step = targets._replace(items=items * 1.0, queries=queries * 1.0)
            loss = task.compute_loss(step)
        variables = [items, queries, *task.trainable_variables]
        gradients = tape.gradient(loss, variables)
        assert all(g is not None for g in gradients)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        losses.append(float(loss))
    assert np.isfinite(losses).all()
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize(("batch", "width"), [(0, 0), (1, 1), (3, 5), (2, 0)])
def test_answers_are_those_the_task_names(task, batch, width):
    said = _judge(task, batch, width)
    assert {
        name: (value.dtype.name, len(value.shape))
        for name, value in said.items()
    } == dict(task.outputs)
    for value in said.values():
        assert value.shape == (batch, width)
        assert np.isfinite(value).all()


def test_saved_task_answers_as_before(task, tmp_path):
    if not task.outputs:
        pytest.skip("says nothing of candidates")
    before = _judge(task, 2, 3)
    module = tf.Module()
    module.task = task
    module.judge = tf.function(
        lambda queries, candidates, is_known: task.judge(
            queries, candidates, is_known, _SCALE
        ),
        input_signature=[
            tf.TensorSpec([None, _DIM]),
            tf.TensorSpec([None, None, _DIM]),
            tf.TensorSpec([None, None], tf.bool),
        ],
    )
    tf.saved_model.save(module, str(tmp_path / "saved"))
    loaded = tf.saved_model.load(str(tmp_path / "saved"))
    random = np.random.default_rng(3)
    after = loaded.judge(
        tf.constant(random.normal(size=(2, _DIM)), tf.float32),
        tf.constant(random.normal(size=(2, 3, _DIM)), tf.float32),
        tf.ones([2, 3], tf.bool),
    )
    assert before.keys() == after.keys()
    for name, value in before.items():
        np.testing.assert_allclose(after[name], value, atol=1e-6)


def test_measures_are_finite_and_start_again(task):
    scored = {
        "tower": tf.constant([[3.0, 2.0, 1.0, 0.0, -1.0, -2.0]]),
        "label": tf.constant([1]),
        "rows": tf.constant([[0, _NUM_ITEMS]]),
        "met": tf.constant([[0, _NUM_ITEMS]]),
    }
    first = {name: float(value) for name, value in task.measure(scored).items()}
    assert np.isfinite(list(first.values())).all()
    for metric in task.metrics:
        metric.reset_state()
    again = {name: float(value) for name, value in task.measure(scored).items()}
    assert first == again


def test_export_answers_what_the_tasks_say():
    outputs = {"score": ("float32", 2)}
    for task in TASKS.values():
        outputs |= task.outputs
    assert outputs == signatures.RANK_OUTPUTS
    assert outputs.items() <= signatures.OUTPUTS[signatures.RECOMMEND].items()


def test_evaluated_outputs_are_those_of_serving_default():
    evaluated = {
        evaluation.output
        for task in TASKS.values()
        for evaluation in task.evaluations
    }
    assert evaluated <= set(signatures.OUTPUTS[signatures.SERVING_DEFAULT])


@pytest.mark.parametrize("name", TASKS)
def test_task_in_bfloat16_towers_has_a_finite_loss(name):
    require_bfloat16()
    # The towers give float32 whatever they compute in.
    config = TrainerConfig()
    config = dataclasses.replace(
        config,
        optimizer=dataclasses.replace(config.optimizer, mixed_precision=True),
    )
    task = TASKS[name].build_task(_ITEMS, config)
    coarse = tf.cast(_targets(5).items, tf.bfloat16)
    loss = task.compute_loss(_targets(5, tf.cast(coarse, tf.float32)))
    assert loss.dtype == tf.float32
    assert np.isfinite(loss)


def test_retrieval_comes_first_and_is_never_left_out():
    # Others may have a weight of 0; without retrieval there is no slate.
    assert next(iter(TASKS)) == "retrieval"
    assert TASKS["retrieval"].weight == 1.0
