"""The ops of one TensorFlow version, as a text file.

    # tensorflow 2.20.0          versions that the list was made with
    # tensorflow-text 2.20.1
    # graph_def_version 2288     newest graph that it reads
    Add T
    StaticRegexReplace pattern replace_global rewrite

One op a line with the names of its attributes, in alphabetical order.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

STOCK_IMAGE_OPS = Path(__file__).parent / "stock_image_ops.txt"
_GRAPH_VERSION = "graph_def_version"


@dataclasses.dataclass(frozen=True, kw_only=True)
class OpList:
    """Ops of one environment.

    Attributes:
        versions: of each package that registered them, by its name.
        graph_def_version: the newest graph version that it reads.
        ops: op name to the names of its attributes.
    """

    versions: Mapping[str, str]
    graph_def_version: int
    ops: Mapping[str, frozenset[str]]


def parse_op_list(text: str) -> OpList:
    """Reads the text form.

    Raises:
        ValueError: a header line is not a name and a value, or the graph
            version is missing.
    """
    header, ops = {}, {}
    for line in filter(None, text.splitlines()):
        words = line.split()
        if words[0] != "#":
            ops[words[0]] = frozenset(words[1:])
        elif len(words) == 3:
            header[words[1]] = words[2]
        else:
            raise ValueError(
                f"A header line must be `# name value`. Received: {line!r}."
            )
    if _GRAPH_VERSION not in header:
        raise ValueError(f"The list must have a line `# {_GRAPH_VERSION} N`.")
    version = int(header.pop(_GRAPH_VERSION))
    return OpList(versions=header, graph_def_version=version, ops=ops)


def load_stock_image_ops() -> OpList:
    """Reads the list of the newest stock image's version."""
    return parse_op_list(STOCK_IMAGE_OPS.read_text())


def format_op_list(op_list: OpList) -> str:
    """Writes the text form."""
    header = {**op_list.versions, _GRAPH_VERSION: op_list.graph_def_version}
    lines = [f"# {name} {value}" for name, value in header.items()]
    lines += [
        " ".join([name, *sorted(attributes)])
        for name, attributes in sorted(op_list.ops.items())
    ]
    return "\n".join(lines) + "\n"
