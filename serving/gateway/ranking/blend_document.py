"""A learnt blend on disk: JSON, checked when it is read.

JSON and not pickle: write access to the file must not allow running code.
A new format is kept under a name of its own, so that an older release, after
a rollback, neither misreads it nor writes over it; see `FeedbackLoop`.
"""

import json
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from serving.gateway.ranking.blend_weights import MAX_SCENARIOS
from serving.gateway.ranking.blend_weights import MAX_VERSIONS
from serving.gateway.ranking.blend_weights import BlendState
from serving.gateway.ranking.blend_weights import BlendWeights
from serving.gateway.ranking.ranking_config import MAX_WEIGHT
from serving.gateway.records.event import MAX_ID_LENGTH

_FIRST_FORMAT = "tastemaker-blend-1"  # of before weights had a version
_FORMAT = "tastemaker-blend-2"
_FIELDS = {"format", "parameters", "epoch", "num_slates", "versions"}
_WEIGHTS = {"num_slates", "shared", "scenarios"}


def write_document(parameters: Sequence[str], state: BlendState) -> bytes:
    """Writes weights down.

    Args:
        parameters: P names.
        state: all that was learnt.

    Returns:
        UTF-8 JSON.
    """
    versions = [
        {
            "version": version,
            "num_slates": weights.num_slates,
            "shared": weights.shared.tolist(),
            "scenarios": {
                name: row.tolist() for name, row in weights.own.items()
            },
        }
        for version, weights in state.versions.items()
    ]
    document = {
        "format": _FORMAT,
        "parameters": list(parameters),
        "epoch": state.epoch,
        "num_slates": state.num_slates,
        "versions": versions,
    }
    return json.dumps(document).encode()


def read_document(parameters: Sequence[str], document: bytes) -> BlendState:
    """Reads what `write_document` wrote for the same parameters.

    What releases wrote before weights had a version is read, too: they are of
    version 0.

    Raises:
        ValueError: anything in it is not as it was written.
    """
    try:
        read = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"A learnt blend must be JSON. Received: {error}."
        ) from error
    if isinstance(read, dict) and read.get("format") == _FIRST_FORMAT:
        read = _bring_up_to_date(read)
    _check_fields(read, _FIELDS)
    for name, wanted in (
        ("format", _FORMAT),
        ("parameters", list(parameters)),
    ):
        if read[name] != wanted:
            raise ValueError(
                f"`{name}` of a learnt blend must be {wanted}. Received: "
                f"{str(read[name])[:200]}."
            )
    versions = read["versions"]
    if not isinstance(versions, list) or len(versions) > MAX_VERSIONS:
        raise ValueError(
            f"`versions` of a learnt blend must be at most {MAX_VERSIONS}. "
            "Received: others."
        )
    for one in versions:
        _check_fields(one, {"version", *_WEIGHTS})
    return BlendState(
        {
            _read_count(one, "version"): _read_weights(one, len(parameters))
            for one in versions
        },
        _read_count(read, "num_slates"),
        _read_count(read, "epoch"),
    )


def _bring_up_to_date(first: dict) -> dict:
    """Turns a document of the first format into one of today's."""
    _check_fields(first, {"format", "parameters", *_WEIGHTS})
    weights = {name: first[name] for name in _WEIGHTS}
    return {
        "format": _FORMAT,
        "parameters": first["parameters"],
        "epoch": 0,
        "num_slates": first["num_slates"],
        "versions": [{"version": 0, **weights}],
    }


def _check_fields(read: object, wanted: set[str]) -> None:
    if not isinstance(read, dict) or set(read) != wanted:
        raise ValueError(
            "A learnt blend must be a JSON object of "
            f"{', '.join(sorted(wanted))}. Received: another."
        )


def _read_count(read: Mapping, name: str) -> int:
    if type(read[name]) is not int or read[name] < 0:
        raise ValueError(
            f"`{name}` of a learnt blend must be an integer of at least 0. "
            f"Received: {str(read[name])[:64]}."
        )
    return read[name]


def _read_weights(read: Mapping, size: int) -> BlendWeights:
    scenarios = read["scenarios"]
    if not isinstance(scenarios, dict) or any(
        not 0 < len(name) <= MAX_ID_LENGTH for name in scenarios
    ):
        raise ValueError(
            "`scenarios` of a learnt blend must be an object with names of 1 "
            f"to {MAX_ID_LENGTH} characters. Received: another."
        )
    if len(scenarios) > MAX_SCENARIOS:
        raise ValueError(
            f"A blend must have at most {MAX_SCENARIOS} scenarios. "
            f"Received: {len(scenarios)}."
        )
    return BlendWeights(
        _read_row(read["shared"], size),
        {name: _read_row(row, size) for name, row in scenarios.items()},
        _read_count(read, "num_slates"),
    )


def _read_row(row: object, size: int) -> np.ndarray:
    if (
        not isinstance(row, list)
        or len(row) != size
        or not all(
            type(one) in (int, float) and -MAX_WEIGHT <= one <= MAX_WEIGHT
            for one in row
        )
    ):
        raise ValueError(
            f"Weights of a learnt blend must be {size} numbers within "
            f"{MAX_WEIGHT} of 0. Received: others."
        )
    return np.array(row, np.float64)
