"""Requests for our own model may be merged: answers stay the same."""

from pathlib import Path

import numpy as np
import pytest

from schemas import signatures
from serving.model_server.batching.merge_tensors import merge_feeds
from serving.model_server.batching.merge_tensors import split_outputs
from serving.model_server.versions.loaded_model import LoadedModel
from serving.query import Constraints
from serving.query import Query
from serving.query_tensors import build_rank_inputs
from serving.query_tensors import build_recommend_inputs

LONG = Query(
    item_ids=[f"i{n:02d}" for n in range(1, 9)],
    timestamps=[100 * n for n in range(1, 9)],
    query_time=1000,
    need="a green star story",
)
SHORT = Query(item_ids=["i20"], timestamps=[700], values=[4.0])
LIMITS = Constraints(excluded_item_ids=["i21", "i22", "i23"], max_price=50.0)

# Unlike in every list: windows, exclusions, k, candidates.
RECOMMEND = [
    build_recommend_inputs(LONG, 3, Constraints()),
    build_recommend_inputs(SHORT, 7, LIMITS),
    build_recommend_inputs(Query(), 5, Constraints()),
]
RANK = [
    build_rank_inputs(LONG, ["i20"]),
    build_rank_inputs(SHORT, ["i01", "i02", "i20"]),
    build_rank_inputs(Query(), ["i01", "i02"]),
]


@pytest.fixture(scope="module")
def model(saved_model):
    loaded = LoadedModel(Path(saved_model))
    yield loaded
    loaded.close()


def ask(model, name, inputs) -> dict[str, np.ndarray]:
    signature = model.signatures[name]
    feeds = {signature.inputs[key].name: a for key, a in inputs.items()}
    aliases = sorted(signature.outputs)
    values = model.run(feeds, [signature.outputs[a].name for a in aliases])
    return dict(zip(aliases, values, strict=True))


def ask_merged(model, name, requests, num_padding_rows) -> list[dict]:
    answer = ask(model, name, merge_feeds(requests, num_padding_rows, True))
    parts = split_outputs(
        list(answer.values()), [1] * len(requests), 3 + num_padding_rows
    )
    return [dict(zip(answer, part, strict=True)) for part in parts]


@pytest.mark.parametrize("num_padding_rows", [0, 5])
@pytest.mark.parametrize(
    ("name", "requests"),
    [
        (signatures.RECOMMEND, RECOMMEND),
        (signatures.RANK, RANK),
        (signatures.EXPLAIN, RANK),
    ],
)
def test_merged_requests_get_the_answers_of_lone_ones(
    model, name, requests, num_padding_rows
):
    merged = ask_merged(model, name, requests, num_padding_rows)
    for request, together in zip(requests, merged, strict=True):
        for output, value in ask(model, name, request).items():
            if (name, output) == (signatures.EXPLAIN, "history_weights"):
                continue  # shares of `score_drops`, of rounding if all are 0
            # Wider at the end, where others asked for more.
            cut = tuple(slice(size) for size in value.shape)
            got = together[output][cut]
            if value.dtype.kind == "f":
                np.testing.assert_allclose(got, value, atol=2e-5)
            else:
                assert got.tolist() == value.tolist(), output
