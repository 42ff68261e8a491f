"""The arguments of `tastemaker`. Imports nothing heavy."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from serving.parse_port import parse_port

_EPILOG = """\
exit codes:
  0  done; with `run`, the model was pushed or this run was not to push
  1  an error; its cause is the last line
  2  wrong arguments
  3  the run went well, but the model was not blessed or not pushed; the
     figures that missed their threshold are printed
"""


def parse_arguments(
    arguments: Sequence[str] | None = None,
) -> argparse.Namespace:
    """Reads a command line; a wrong one ends the process with a text.

    Args:
        arguments: without the program's name; None = of the process.

    Returns:
        The options; `command` is the command's name.
    """
    parser = build_parser()
    options = parser.parse_args(arguments)
    if options.command in ("recommend", "explain") and not (
        options.need or options.user is not None or options.history is not None
    ):
        parser.error("one of --user, --history and --need must be given")
    return options


def build_parser() -> argparse.ArgumentParser:
    """Builds the parser; `command` of its result is the command's name."""
    parser = argparse.ArgumentParser(
        prog="tastemaker",
        description="Trains, gates, pushes and queries a recommender.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND"
    )
    _add_init(commands)
    _add_check(commands)
    _add_run(commands)
    _add_compile(commands)
    _add_serve(commands)
    _add_label(commands)
    _add_recommend(commands)
    _add_explain(commands)
    _add_status(commands)
    _add_report(commands)
    _add_gateway(commands)
    _add_experiment(commands)
    return parser


def _add_init(commands) -> None:
    init = commands.add_parser(
        "init",
        help="look at files and write a config",
        description="Reads the first rows of files with events, items and "
        "users, and writes a config in which each guess has its reason.",
    )
    init.add_argument(
        "files", nargs="+", metavar="FILE", help="or a folder of files"
    )
    init.add_argument(
        "--output", type=Path, metavar="FILE", help="default: <name>.yaml"
    )
    init.add_argument(
        "--force", action="store_true", help="replace a file that is there"
    )


def _add_check(commands) -> None:
    check = commands.add_parser(
        "check",
        help="say what a run would make of the data of a config",
        description="Reads the data as a run does, within seconds. Exit code "
        "0: a run would go on to training; 1: it would stop.",
    )
    check.add_argument("config", metavar="CONFIG", help="YAML file")
    check.add_argument(
        "--rows",
        type=_parse_count,
        default=1_000_000,
        metavar="N",
        help="of each table, to read: about as many, as files are read in "
        "blocks of 16 MB (default: %(default)s)",
    )
    check.add_argument("--json", action="store_true", help="for programs")


def _add_run(commands) -> None:
    run = commands.add_parser("run", help="run the pipeline of a config")
    run.add_argument("config", metavar="CONFIG", help="YAML file")
    run.add_argument("--from", dest="first", metavar="NODE")
    run.add_argument("--to", dest="last", metavar="NODE")
    run.add_argument(
        "--root", type=Path, metavar="DIR", help="state (default: runs/<name>)"
    )
    run.add_argument("--runner", choices=("local", "beam"), default="local")


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


def _add_serve(commands) -> None:
    serve = commands.add_parser("serve", help="serve the pushed versions")
    _add_root(serve)
    serve.add_argument("--port", type=parse_port, default=8500, help="gRPC")


def _add_label(commands) -> None:
    label = commands.add_parser(
        "label",
        help="name a pushed version, or list the names",
        description="Without arguments lists names and versions. What is "
        "`stable` is what `tastemaker` and its gateway ask for, whatever is "
        "pushed after it.",
    )
    label.add_argument("name", nargs="?", metavar="LABEL", help="as `stable`")
    label.add_argument("version", nargs="?", type=_parse_count)
    label.add_argument(
        "--remove", action="store_true", help="take the name away"
    )
    label.add_argument(
        "--address",
        metavar="HOST:PORT",
        help="of a server that `tastemaker serve` runs: the name moves once "
        "it has loaded the version, so that nobody goes without an answer "
        "(default: the one of the run's gateway, while that is up)",
    )
    _add_root(label)


def _add_recommend(commands) -> None:
    recommend = commands.add_parser("recommend", help="ask for a slate")
    _add_query(recommend)
    recommend.add_argument(
        "-k", type=_parse_count, default=10, help="items wanted"
    )


def _add_explain(commands) -> None:
    explain = commands.add_parser(
        "explain", help="say what an item's score comes from"
    )
    explain.add_argument(
        "--item", required=True, metavar="TITLE", help="or its id"
    )
    _add_query(explain)


def _add_query(parser: argparse.ArgumentParser) -> None:
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("--user", metavar="ID", help="of the last run's data")
    asked.add_argument(
        "--history", metavar="TITLES", help='"title; title", oldest first'
    )
    parser.add_argument(
        "--need",
        default="",
        metavar="TEXT",
        help="the present need; may stand alone",
    )
    parser.add_argument(
        "--address",
        metavar="HOST:PORT",
        help="of a running server (default: start one for this call)",
    )
    _add_root(parser)


def _add_status(commands) -> None:
    status = commands.add_parser(
        "status",
        help="dataset, runs, figures beside those before, what is served",
    )
    status.add_argument(
        "-n",
        dest="num_runs",
        type=_parse_count,
        default=5,
        help="newest runs shown",
    )
    status.add_argument("--json", action="store_true")
    _add_root(status)


def _add_report(commands) -> None:
    report = commands.add_parser(
        "report", help="write one HTML page about the last run"
    )
    report.add_argument(
        "--output", type=Path, metavar="FILE", help="default: DIR/report.html"
    )
    _add_root(report)


def _add_gateway(commands) -> None:
    gateway = commands.add_parser(
        "gateway", help="what applications call, with a web page"
    )
    _add_gateway_config(gateway)
    gateway.add_argument(
        "--address",
        metavar="HOST:PORT",
        help="of a running model server (default: start one)",
    )
    gateway.add_argument("--port", type=parse_port, default=8080, help="HTTP")
    _add_root(gateway)


def _add_experiment(commands) -> None:
    experiment = commands.add_parser(
        "experiment", help="what A/B tests and logs have shown"
    )
    actions = experiment.add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    report = actions.add_parser("report", help="compare the arms of a test")
    report.add_argument("name", metavar="NAME", help="of the experiment")
    _add_logs(report)
    estimate = actions.add_parser(
        "estimate",
        help="what a new blend would achieve, from the logs of exploration",
    )
    estimate.add_argument(
        "--weights",
        required=True,
        metavar="NAME=NUMBER,...",
        help="of the new blend, such as model=1,freshness=0.5",
    )
    estimate.add_argument("--scenario", metavar="NAME", help="default: all")
    _add_logs(estimate)


def _add_logs(parser: argparse.ArgumentParser) -> None:
    _add_gateway_config(parser)
    parser.add_argument(
        "--success",
        action="append",
        metavar="TYPE[>=VALUE]",
        help="feedback that counts, may be repeated (default: click, cart, "
        "purchase, listen and a rating that is a like)",
    )
    parser.add_argument("--json", action="store_true")
    _add_root(parser)


def _add_gateway_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="YAML file of the gateway"
    )


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
