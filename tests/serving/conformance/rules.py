"""The rules of the wire contract: how much each matters, and what we do.

`M` must hold, because a client or an operator can see it; `S` should hold.
The letters group the rules: F flags and ports, G gRPC, L look-up, P Predict,
D metadata, C examples, S status, Q reload, V versions, H hot reload,
W warm-up, B batching, R REST, O operations. A rule that is implemented has a
test that names it (`test_p05_...`). What a client can see,
`tests/serving/conformance` asks of any server; tests of single modules name
and ask only the rest.
"""

_MUST = {
    "F": (1, 2, 3, 4, 5, 6, 7, 8, 11, 16),
    "G": (1, 2, 4),
    "L": (1, 2, 3, 4, 5, 6, 7, 8),
    "P": (1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15),
    "D": (1, 2, 3),
    "C": (1, 2, 3, 4, 5, 6, 7),
    "S": (1, 2, 3, 4, 5),
    "Q": (1, 2, 3, 4, 5, 7),
    "V": (1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 13),
    "H": (1, 2, 3, 4, 5, 6, 7, 9, 11),
    "W": (1, 2, 3, 4),
    "B": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
    "R": (
        *(1, 2, 3, 4, 5, 7, 8, 9, 12, 13),
        *range(20, 33),
    ),
    "O": (1, 2, 3, 4, 10, 13),
}
_SHOULD = {
    "F": (9, 10, 12, 13, 14, 17, 18, 19),
    "G": (3,),
    "P": (4, 7, 16),
    "D": (4,),
    "C": (8, 9, 10),
    "Q": (6, 8, 9),
    "V": (3, 8),
    "H": (8, 10, 12),
    "W": (5, 6),
    "B": (12, 13),
    "R": (6, 10, 11),
    "O": (5, 6, 7, 8, 11, 12, 14, 15, 16),
}


def _name(rules: dict[str, tuple[int, ...]]) -> frozenset[str]:
    return frozenset(
        f"{group}-{number:02d}"
        for group, numbers in rules.items()
        for number in numbers
    )


MUST = _name(_MUST)
SHOULD = _name(_SHOULD)

# What this server does not do, and why.
NOT_IMPLEMENTED = {
    "L-05": "no flag of the stock server forbids labels, so nobody meets it",
    "V-08": "base paths are on a mounted file system, where nothing lists "
    "descendants",
    "W-05": "needs a platform config, which is refused",
    "O-08": "TensorFlow's own counters are not exported; dashboards should "
    "rely on :tensorflow:serving: only",
    "O-16": "overrides of the session in assets.extra are not read",
}

# What it does otherwise, on purpose.
DEPARTURES = {
    "F-16": "requests are limited to 64 MiB and in number, by flags, so that "
    "one caller cannot take the memory of all",
    "F-14": "with --enable_serialization_as_tensor_content texts stay in "
    "string_val, where every client finds them",
    "Q-04": "a reload whose caller has left stops waiting, so that it does "
    "not lock out every later one",
    "Q-05": "a config that was refused halfway does not make every later one "
    "fail",
    "Q-10": "a config with request logging is refused before anything is "
    "loaded for it, not after",
    "B-05": "a batch that the graph refuses runs again request by request, so "
    "that the one at fault fails alone",
    "H-11": "a slow or broken load holds up no other version or model",
}
