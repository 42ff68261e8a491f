"""`python -m serving.export_check DIR`: does the stock image load an export?

DIR                  checks ops and attributes of the graph
DIR --record FILE    writes this environment's answers to FILE
DIR --compare FILE   repeats the requests of FILE here, and compares
"""

import argparse
import sys
from pathlib import Path

from serving.export_check.export_problems import find_problems
from serving.export_check.op_list import load_stock_image_ops


def main(arguments: list[str] | None = None) -> int:
    """Runs one check.

    Returns:
        0 = good, 1 = it does not load, fails or answers differently, 2 =
        there is no export to check.
    """
    flags = _parse(arguments)
    try:
        problems = find_problems(flags.export, load_stock_image_ops())
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if problems:
        sys.stdout.write("\n".join(problems) + "\n")
        return 1
    sys.stdout.write("Every op and attribute is known to the stock image.\n")
    if flags.record or flags.compare:
        return _ask(flags)
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m serving.export_check")
    parser.add_argument("export", type=Path, help="a version directory")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--record", type=Path, metavar="FILE")
    group.add_argument("--compare", type=Path, metavar="FILE")
    return parser.parse_args(arguments)


def _ask(flags: argparse.Namespace) -> int:
    # Imported late: TensorFlow takes seconds, and the graph check needs none.
    import tensorflow as tf

    from serving.export_check.recorded_answers import compare_answers
    from serving.export_check.recorded_answers import record_answers
    from serving.model_server.serving_error import ServingError

    try:
        if flags.record:
            num = record_answers(flags.export, flags.record)
            sys.stdout.write(
                f"TensorFlow {tf.__version__} answered {num} requests.\n"
            )
            return 0
        comparison = compare_answers(flags.export, flags.compare)
    except ServingError as error:
        sys.stdout.write(f"TensorFlow {tf.__version__}: {error}\n")
        return 1
    for name, num in comparison.num_answers.items():
        sys.stdout.write(f"{name}: {num} answered\n")
    for name, num in comparison.num_refusals.items():
        sys.stdout.write(f"{name}: {num} made-up request refused\n")
    for line in comparison.differences:
        sys.stdout.write(f"{line}\n")
    verdict = "differ from" if comparison.differences else "agree with"
    sys.stdout.write(
        f"The recorded answers {verdict} those of TensorFlow "
        f"{tf.__version__}.\n"
    )
    return int(bool(comparison.differences))


if __name__ == "__main__":
    sys.exit(main())
