import json

import numpy as np
import pytest

from serving.gateway.ranking.blend_document import read_document
from serving.gateway.ranking.blend_document import write_document
from serving.gateway.ranking.blend_weights import BlendState
from serving.gateway.ranking.blend_weights import BlendWeights

_NAMES = ("model", "place")
_OWN = {"b": np.zeros(2), "a": np.ones(2)}
_STATE = BlendState(
    {
        7: BlendWeights(np.array([1.0, -0.5]), _OWN, 3),
        5: BlendWeights(_OWN["a"]),
    },
    num_slates=4,
    epoch=2,
)
# As releases wrote them whose weights had no version.
_FIRST = {
    "format": "tastemaker-blend-1",
    "parameters": ["model", "place"],
    "num_slates": 3,
    "shared": [1.0, -0.5],
    "scenarios": {"b": [0.0, 0.0], "a": [1.0, 1.0]},
}


def _write(**changes):
    written = json.loads(write_document(_NAMES, _STATE))
    return json.dumps({**written, **changes}).encode()


def _change(**changes):
    """Changes what is written of the first version."""
    first, second = json.loads(_write())["versions"]
    return _write(versions=[{**first, **changes}, second])


def _read(document):
    state = read_document(_NAMES, document)
    versions = [
        (
            version,
            one.num_slates,
            one.shared.tolist(),
            [(name, row.tolist()) for name, row in one.own.items()],
        )
        for version, one in state.versions.items()
    ]
    return state.epoch, state.num_slates, versions


def test_reading_returns_what_was_written_in_order():
    own = [("b", [0.0, 0.0]), ("a", [1.0, 1.0])]
    assert _read(_write()) == (
        2,
        4,
        [(7, 3, [1.0, -0.5], own), (5, 0, [1.0, 1.0], [])],
    )


def test_document_of_the_first_format_is_of_a_version_that_nobody_noted():
    own = [("b", [0.0, 0.0]), ("a", [1.0, 1.0])]
    assert _read(json.dumps(_FIRST)) == (0, 3, [(0, 3, [1.0, -0.5], own)])


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (b"", "must be JSON"),
        (b"\xff\xfe\x00", "must be JSON"),
        (b"[" * 100_000, "must be JSON"),
        (b"[]", "must be a JSON object"),
        (b"{}", "must be a JSON object"),
        (_write()[:-20], "must be JSON"),
        (_write(more=1), "must be a JSON object"),
        (_write(format="other"), "`format` .* Received: other"),
        (_write(parameters=["place", "model"]), "`parameters` .* Received"),
        (_write(parameters=7), "`parameters` .* Received: 7"),
        (_write(num_slates=-1), "`num_slates` .* Received: -1"),
        (_write(num_slates=1.5), "`num_slates` .* Received: 1.5"),
        (_write(num_slates=True), "`num_slates` .* Received: True"),
        (_change(shared=[1.0]), "must be 2 numbers"),
        (_change(shared={"0": 1.0}), "must be 2 numbers"),
        (_change(shared=[1.0, "1"]), "must be 2 numbers"),
        (_change(shared=[1.0, None]), "must be 2 numbers"),
        (_change(shared=[1.0, float("nan")]), "must be 2 numbers"),
        (_change(shared=[1.0, float("inf")]), "must be 2 numbers"),
        (_change(shared=[1.0, 5.001]), "must be 2 numbers within 5.0 of 0"),
        (_change(scenarios=[]), "`scenarios` .* must be an object"),
        (_change(scenarios={"": [0, 0]}), "names of 1 to 512 characters"),
        (_change(scenarios={"x" * 513: [0, 0]}), "names of 1 to 512"),
        (_change(scenarios={"x": [0]}), "must be 2 numbers"),
        (
            _change(scenarios={str(n): [0, 0] for n in range(65)}),
            "at most 64 scenarios. Received: 65",
        ),
        (_change(num_slates=-1), "`num_slates` .* Received: -1"),
        (_change(version="7"), "`version` .* Received: 7"),
        (_change(more=1), "must be a JSON object of num_slates, scenarios"),
        (_write(epoch=-1), "`epoch` .* Received: -1"),
        (_write(versions={}), "`versions` .* at most 4"),
        (_write(versions=[{}] * 5), "`versions` .* at most 4"),
        (_write(versions=[3]), "must be a JSON object"),
        (json.dumps({**_FIRST, "more": 1}).encode(), "must be a JSON object"),
        (json.dumps({**_FIRST, "shared": []}).encode(), "must be 2 numbers"),
    ],
)
def test_damaged_or_foreign_document_is_refused(document, says):
    with pytest.raises(ValueError, match=says):
        read_document(_NAMES, document)
