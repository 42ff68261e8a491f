"""What training reads."""

import dataclasses

import numpy as np
import pytest

from trainer.inputs.training_data import load_training_data


@pytest.fixture(scope="module")
def load(trained, training_inputs, tiny_config):
    def load(refit_epochs):
        optimizer = dataclasses.replace(
            tiny_config.optimizer, refit_epochs=refit_epochs
        )
        config = dataclasses.replace(tiny_config, optimizer=optimizer)
        return load_training_data(trained.items, training_inputs, config)

    return load


def test_queries_stay_the_same_in_every_epoch(load):
    queries = load(1).queries
    first, second = (
        np.concatenate([batch["timestamp"].numpy()[:, 0] for batch in queries])
        for _ in range(2)
    )
    assert first.tolist() == second.tolist()


def test_eval_split_is_learnt_only_where_asked(load):
    assert load(0).recent == []
    assert load(1).recent
