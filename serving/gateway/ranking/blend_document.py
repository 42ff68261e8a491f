"""What a learnt blend looks like on disk: JSON that is checked on the way in.

JSON and not pickle: whoever can write the file shall not run code here.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from serving.gateway.ranking.ranking_config import MAX_WEIGHT
from serving.gateway.records.event import MAX_ID_LENGTH

_FORMAT = "tastemaker-blend-1"
_FIELDS = {"format", "parameters", "num_slates", "shared", "scenarios"}


def write_document(
    parameters: Sequence[str],
    num_slates: int,
    shared: np.ndarray,
    scenarios: Mapping[str, np.ndarray],
) -> bytes:
    """Writes weights down.

    Args:
        parameters: P names.
        num_slates: that were learnt from.
        shared: float64 `[P]`.
        scenarios: float64 `[P]` by scenario.

    Returns:
        UTF-8 JSON.
    """
    document = {
        "format": _FORMAT,
        "parameters": list(parameters),
        "num_slates": num_slates,
        "shared": shared.tolist(),
        "scenarios": {name: row.tolist() for name, row in scenarios.items()},
    }
    return json.dumps(document).encode()


def read_document(
    parameters: Sequence[str], document: bytes
) -> tuple[int, np.ndarray, OrderedDict[str, np.ndarray]]:
    """Reads what `write_document` wrote for the same parameters.

    Returns:
        The number of slates, the shared weights, and those by scenario in
        the order written.

    Raises:
        ValueError: anything in it is not as it was written.
    """
    try:
        read = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"A learnt blend must be JSON. Received: {error}."
        ) from error
    if not isinstance(read, dict) or set(read) != _FIELDS:
        raise ValueError(
            "A learnt blend must be a JSON object of "
            f"{', '.join(sorted(_FIELDS))}. Received: another."
        )
    for name, wanted in (
        ("format", _FORMAT),
        ("parameters", list(parameters)),
    ):
        if read[name] != wanted:
            raise ValueError(
                f"`{name}` of a learnt blend must be {wanted}. Received: "
                f"{str(read[name])[:200]}."
            )
    num_slates, scenarios = read["num_slates"], read["scenarios"]
    if type(num_slates) is not int or num_slates < 0:
        raise ValueError(
            "`num_slates` of a learnt blend must be an integer of at least "
            f"0. Received: {str(num_slates)[:64]}."
        )
    if not isinstance(scenarios, dict) or any(
        not 0 < len(name) <= MAX_ID_LENGTH for name in scenarios
    ):
        raise ValueError(
            "`scenarios` of a learnt blend must be an object with names of 1 "
            f"to {MAX_ID_LENGTH} characters. Received: another."
        )
    size = len(parameters)
    rows = OrderedDict(
        (name, _read_weights(row, size)) for name, row in scenarios.items()
    )
    return num_slates, _read_weights(read["shared"], size), rows


def _read_weights(row: object, size: int) -> np.ndarray:
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
