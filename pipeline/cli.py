"""The command `tastemaker`. TensorFlow and TFX load with the commands."""

import argparse
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.console import write_error
from pipeline.console import write_line
from pipeline.native_output import keep_tensorflow_quiet

EXIT_OK = 0
EXIT_ERROR = 1
EXIT_USAGE = 2  # argparse's own
EXIT_NOT_PUSHED = 3

_RUNS = Path("runs")
_EPILOG = """\
exit codes:
  0  done; with `run`, the model was pushed or this run was not to push
  1  an error; its cause is the last line
  2  wrong arguments
  3  the run went well, but the model was not blessed or not pushed; the
     figures that missed their threshold are printed
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: without the program's name; None = of the process.

    Returns:
        The exit code, see `tastemaker --help`.
    """
    options = _build_parser().parse_args(arguments)
    try:
        with keep_tensorflow_quiet():
            return options.command(options)
    except KeyboardInterrupt:
        write_error("error: interrupted")
    except (OSError, ValueError, LookupError, RuntimeError) as error:
        write_error(f"error: {error}")
    return EXIT_ERROR


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tastemaker",
        description="Trains, gates, pushes and queries a recommender.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands)
    _add_compile(commands)
    _add_serve(commands)
    _add_recommend(commands)
    _add_status(commands)
    _add_report(commands)
    return parser


def _add_run(commands) -> None:
    run = commands.add_parser("run", help="run the pipeline of a config")
    run.add_argument("config", metavar="CONFIG", help="YAML file")
    run.add_argument("--from", dest="first", metavar="NODE")
    run.add_argument("--to", dest="last", metavar="NODE")
    run.add_argument(
        "--root", type=Path, metavar="DIR", help="state (default: runs/<name>)"
    )
    run.add_argument("--runner", choices=("local", "beam"), default="local")
    run.set_defaults(command=_run)


def _add_compile(commands) -> None:
    compile_ = commands.add_parser(
        "compile", help="write the Kubeflow Pipelines v2 spec of a config"
    )
    compile_.add_argument("config", metavar="CONFIG", help="YAML file")
    compile_.add_argument(
        "--output", type=Path, metavar="FILE", help="default: <name>.json"
    )
    compile_.add_argument(
        "--root-uri",
        default="gs://tastemaker",
        metavar="URI",
        help="where the cluster keeps state (default: %(default)s)",
    )
    compile_.add_argument(
        "--image",
        default="tastemaker:latest",
        help="image with this distribution (default: %(default)s)",
    )
    compile_.set_defaults(command=_compile)


def _add_serve(commands) -> None:
    serve = commands.add_parser("serve", help="serve the pushed versions")
    _add_root(serve)
    serve.add_argument("--port", type=int, default=8500, help="gRPC")
    serve.set_defaults(command=_serve)


def _add_recommend(commands) -> None:
    recommend = commands.add_parser("recommend", help="ask for a slate")
    asked = recommend.add_mutually_exclusive_group(required=True)
    asked.add_argument("--user", metavar="ID", help="of the last run's data")
    asked.add_argument(
        "--history", metavar="TITLES", help='"title; title", oldest first'
    )
    recommend.add_argument(
        "--need", default="", metavar="TEXT", help="the present need"
    )
    recommend.add_argument(
        "-k", type=_parse_count, default=10, help="items wanted"
    )
    recommend.add_argument(
        "--address",
        metavar="HOST:PORT",
        help="of a running server (default: start one for this call)",
    )
    _add_root(recommend)
    recommend.set_defaults(command=_recommend)


def _add_status(commands) -> None:
    status = commands.add_parser(
        "status", help="list runs, durations, blessings, pushed versions"
    )
    status.add_argument(
        "-n",
        dest="num_runs",
        type=_parse_count,
        default=5,
        help="newest runs shown",
    )
    _add_root(status)
    status.set_defaults(command=_status)


def _add_report(commands) -> None:
    report = commands.add_parser(
        "report", help="write one HTML page about the last run"
    )
    report.add_argument(
        "--output", type=Path, metavar="FILE", help="default: DIR/report.html"
    )
    _add_root(report)
    report.set_defaults(command=_report)


def _add_root(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help="state of a pipeline (default: the one in runs/ used last)",
    )


def _parse_count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(
            f"must be a whole number, at least 1. Received: {text}."
        )
    return int(text)


def _run(options: argparse.Namespace) -> int:
    from pipeline.config import load_config

    config = load_config(options.config)  # before the long wait for TFX
    from pipeline.run_folder import RunFolder
    from pipeline.run_pipeline import NodeRange
    from pipeline.run_pipeline import run_pipeline

    root = options.root or _RUNS / config.name
    verdict = run_pipeline(
        config,
        RunFolder(root.resolve()),
        write_line,
        options.runner,
        NodeRange(options.first, options.last),
    )
    for line in verdict.describe():
        write_line(line)
    return EXIT_NOT_PUSHED if verdict.is_rejected else EXIT_OK


def _compile(options: argparse.Namespace) -> int:
    from pipeline.config import load_config

    config = load_config(options.config)
    if importlib.util.find_spec("kfp") is None:
        raise RuntimeError(
            "`tastemaker compile` must have Kubeflow's SDK. Received: no "
            "module `kfp`. Install the extra `kubeflow`, or use the "
            "environment of `make test`."
        )
    from pipeline.kubeflow_runner import compile_for_kubeflow

    output = options.output or Path(f"{config.name}.json")
    compile_for_kubeflow(config, options.root_uri, options.image, output)
    write_line(f"{output} is written.")
    return EXIT_OK


def _serve(options: argparse.Namespace) -> int:
    from pipeline.recommendation import find_newest_version

    base_path = find_newest_version(_open_folder(options.root)).parent
    from serving.model_server.__main__ import main as serve

    return serve(
        [
            f"--port={options.port}",
            f"--model_name={base_path.name}",
            f"--model_base_path={base_path}",
        ]
    )


def _recommend(options: argparse.Namespace) -> int:
    from pipeline import recommendation
    from pipeline.query_builder import build_history_query
    from pipeline.query_builder import build_user_query
    from pipeline.title_lookup import load_title_lookup

    folder = _open_folder(options.root)
    titles = load_title_lookup(recommendation.find_newest_version(folder))
    if options.user is not None:
        query, constraints = build_user_query(
            folder, options.user, options.need
        )
    else:
        query, constraints = build_history_query(
            folder, options.history, options.need, titles
        )
    with recommendation.open_client(folder, options.address) as client:
        slate = client.recommend(query, options.k, constraints)[0]
    for line in (
        *recommendation.describe_history(query.item_ids, titles),
        *recommendation.describe_slate(slate, query, titles),
    ):
        write_line(line)
    return EXIT_OK


def _status(options: argparse.Namespace) -> int:
    from pipeline.status import describe_status

    for line in describe_status(_open_folder(options.root), options.num_runs):
        write_line(line)
    return EXIT_OK


def _report(options: argparse.Namespace) -> int:
    from pipeline.report import write_report

    folder = _open_folder(options.root)
    output = options.output or folder.root / "report.html"
    write_report(folder, output)
    write_line(f"{output} is written.")
    return EXIT_OK


def _open_folder(root: Path | None):
    from pipeline.run_folder import RunFolder

    if root is None:
        used = sorted(
            _RUNS.glob("*/metadata.sqlite"), key=lambda p: p.stat().st_mtime
        )
        if not used:
            raise FileNotFoundError(
                f"{_RUNS}/ must hold the state of a run. Received: none. "
                "Start one with `tastemaker run CONFIG`, or pass --root."
            )
        root = used[-1].parent
    return RunFolder(root.resolve())


if __name__ == "__main__":
    sys.exit(main())
