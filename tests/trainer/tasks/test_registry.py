"""The order of the tasks, which is that of their losses."""

from trainer.tasks import TASKS


def test_retrieval_comes_first_and_is_never_left_out():
    # Others may have a weight of 0; without retrieval there is no slate.
    assert next(iter(TASKS)) == "retrieval"
    assert TASKS["retrieval"].weight == 1.0
