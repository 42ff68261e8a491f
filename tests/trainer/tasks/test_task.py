"""What a task is where it says nothing itself."""

import tensorflow as tf

from trainer.tasks import Task
from trainer.tasks import ValueScale


def test_task_that_says_nothing_adds_nothing_to_answers():
    task = Task()
    queries, candidates = tf.zeros([2, 4]), tf.zeros([2, 3, 4])
    known = tf.ones([2, 3], tf.bool)
    said = task.judge(queries, candidates, known, ValueScale(0.0, 1.0))
    assert said == {}
    assert task.measure({}) == {}
    assert task.outputs == {}
