import json

import numpy as np
import pytest

from serving.gateway.ranking.blend_document import read_document
from serving.gateway.ranking.blend_document import write_document

_NAMES = ("model", "place")


def _write(**changes):
    written = write_document(
        _NAMES, 3, np.array([1.0, -0.5]), {"b": np.zeros(2), "a": np.ones(2)}
    )
    return json.dumps({**json.loads(written), **changes}).encode()


def test_reading_returns_what_was_written_in_order():
    num_slates, shared, scenarios = read_document(_NAMES, _write())
    assert num_slates == 3
    assert shared.tolist() == [1.0, -0.5]
    assert [(name, row.tolist()) for name, row in scenarios.items()] == [
        ("b", [0.0, 0.0]),
        ("a", [1.0, 1.0]),
    ]


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
        (_write(shared=[1.0]), "must be 2 numbers"),
        (_write(shared={"0": 1.0}), "must be 2 numbers"),
        (_write(shared=[1.0, "1"]), "must be 2 numbers"),
        (_write(shared=[1.0, None]), "must be 2 numbers"),
        (_write(shared=[1.0, float("nan")]), "must be 2 numbers"),
        (_write(shared=[1.0, float("inf")]), "must be 2 numbers"),
        (_write(shared=[1.0, 5.001]), "must be 2 numbers within 5.0 of 0"),
        (_write(scenarios=[]), "`scenarios` .* must be an object"),
        (_write(scenarios={"": [0, 0]}), "names of 1 to 512 characters"),
        (_write(scenarios={"x" * 513: [0, 0]}), "names of 1 to 512"),
        (_write(scenarios={"x": [0]}), "must be 2 numbers"),
    ],
)
def test_damaged_or_foreign_document_is_refused(document, says):
    with pytest.raises(ValueError, match=says):
        read_document(_NAMES, document)
