"""The command `tastemaker`. TensorFlow and TFX load with the commands."""

import argparse
import contextlib
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.commands.cli_parser import parse_arguments
from pipeline.commands.console import write_error
from pipeline.commands.console import write_line
from pipeline.runs.native_output import keep_tensorflow_quiet

EXIT_OK = 0
EXIT_ERROR = 1
EXIT_USAGE = 2  # argparse's own
EXIT_NOT_PUSHED = 3  # cli_parser.py tells users what the codes mean

_RUNS = Path("runs")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: without the program's name; None = of the process.

    Returns:
        The exit code, see `tastemaker --help`.
    """
    options = parse_arguments(arguments)
    try:
        with keep_tensorflow_quiet():
            return _COMMANDS[options.command](options)
    except KeyboardInterrupt:
        write_error("error: interrupted")
    except (OSError, ValueError, LookupError, RuntimeError) as error:
        write_error(f"error: {error}")
    return EXIT_ERROR


def _run(options: argparse.Namespace) -> int:
    from pipeline.config import load_config

    config = load_config(options.config)
    if options.first in (None, "BehaviorExampleGen"):
        from pipeline.data_check.run_check import check_before_run

        check_before_run(config, write_line)  # and not after a minute of TFX
    from pipeline.runs.run_folder import RunFolder
    from pipeline.runs.run_pipeline import NodeRange
    from pipeline.runs.run_pipeline import run_pipeline

    root = options.root or _RUNS / config.name
    folder = RunFolder(root.resolve())
    nodes = NodeRange(options.first, options.last)
    verdict = run_pipeline(config, folder, write_line, options.runner, nodes)
    from pipeline.report.popularity_figures import describe_last_run

    for line in (*describe_last_run(folder), *verdict.describe()):
        write_line(line)
    return EXIT_NOT_PUSHED if verdict.is_rejected else EXIT_OK


def _init(options: argparse.Namespace) -> int:
    from pipeline.config_proposal.run_init import run_init

    run_init(options.files, options.output, options.force, write_line)
    return EXIT_OK


def _check(options: argparse.Namespace) -> int:
    from pipeline.data_check.run_check import run_check

    is_fit = run_check(options.config, options.rows, options.json, write_line)
    return EXIT_OK if is_fit else EXIT_ERROR


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
    from pipeline.commands.recommendation import build_server_flags
    from pipeline.commands.recommendation import find_served_version

    base_path = find_served_version(open_folder(options.root)).parent
    flags = build_server_flags(base_path)
    from serving.model_server.__main__ import main as serve

    return serve([f"--port={options.port}", *flags])


def _label(options: argparse.Namespace) -> int:
    from pipeline.commands.label import describe_labels
    from pipeline.commands.label import move_label
    from pipeline.commands.recommendation import find_running_server

    folder = open_folder(options.root)
    if options.name is not None:
        if options.remove == (options.version is not None):
            raise ValueError(
                "LABEL must come with a VERSION or with --remove. Received:"
                f" {options.name} with {'both' if options.remove else 'none'}."
            )
        address = None
        if options.version is not None:
            address = options.address or find_running_server(folder)
        if address is not None:
            write_line(f"Waiting for {address} to load {options.version} ...")
        move_label(folder, options.name, options.version, address)
    for line in describe_labels(folder):
        write_line(line)
    return EXIT_OK


def _recommend(options: argparse.Namespace) -> int:
    from pipeline.commands import recommendation
    from pipeline.commands.need_obedience import recommend_obeying
    from pipeline.commands.title_lookup import load_title_lookup

    folder = open_folder(options.root)
    titles = load_title_lookup(recommendation.find_served_version(folder))
    asked = _build_query(options, folder, titles)
    query = asked.query
    with recommendation.open_client(folder, options.address) as client:
        slate = recommend_obeying(client, asked, options.k)
    for line in (
        *recommendation.describe_history(query.item_ids, titles),
        *asked.describe_unmet(),
        *recommendation.describe_slate(slate, query, titles),
    ):
        write_line(line)
    return EXIT_OK


def _explain(options: argparse.Namespace) -> int:
    from pipeline.commands import recommendation
    from pipeline.commands.explanation import describe_explanation
    from pipeline.commands.explanation import load_item_facts
    from pipeline.commands.title_lookup import load_title_lookup

    folder = open_folder(options.root)
    model_path = recommendation.find_served_version(folder)
    titles = load_title_lookup(model_path)
    item_id = titles.find_item_id(options.item, "--item")
    query = _build_query(options, folder, titles).query
    with recommendation.open_client(folder, options.address) as client:
        (explanation,) = client.explain(query, [item_id])
    facts = load_item_facts(model_path, [item_id, *query.item_ids])
    for line in describe_explanation(explanation, query, facts):
        write_line(line)
    return EXIT_OK


def _build_query(options: argparse.Namespace, folder, titles):
    """Returns the query of the command line, as the gateway would ask it."""
    from pipeline.commands.need_obedience import obey_need
    from pipeline.commands.query_builder import build_history_query
    from pipeline.commands.query_builder import build_user_query
    from pipeline.commands.recommendation import find_served_version

    if options.user is not None:
        built = build_user_query(folder, options.user, options.need)
    else:
        history = options.history or ""
        built = build_history_query(folder, history, options.need, titles)
    return obey_need(*built, find_served_version(folder))


def _status(options: argparse.Namespace) -> int:
    from pipeline.commands.status import describe_status
    from pipeline.commands.status import dump_status
    from pipeline.commands.status import read_status

    status = read_status(open_folder(options.root), options.num_runs)
    if options.json:
        write_line(dump_status(status))
        return EXIT_OK
    for line in describe_status(status):
        write_line(line)
    return EXIT_OK


def _report(options: argparse.Namespace) -> int:
    from pipeline.report.report import write_report

    folder = open_folder(options.root)
    output = options.output or folder.root / "report.html"
    write_report(folder, output)
    write_line(f"{output} is written.")
    return EXIT_OK


def _gateway(options: argparse.Namespace) -> int:
    from pipeline.commands import gateway
    from pipeline.commands.gateway_inputs import fill
    from serving.gateway.gateway_config import load_gateway_config

    folder = open_folder(options.root)
    config = gateway.place_files(
        load_gateway_config(options.config), folder, options.address
    )
    gateway.check_port(options.port)  # before the model server takes minutes
    config = fill(config, folder, write_line)
    with contextlib.ExitStack() as stack:
        if options.address is None:
            write_line("Starting the model server ...")
            address = stack.enter_context(gateway.serve_model(folder))
            write_line(f"The model server is at {address}")
            config = gateway.place_files(config, folder, address)
        from serving.gateway.api.listener import Listener

        write_line(f"The page is at http://localhost:{options.port}/")
        Listener(port=options.port).serve(config)
    return EXIT_OK


def _experiment(options: argparse.Namespace) -> int:
    from pipeline.commands import experiment
    from pipeline.commands.gateway import place_files
    from serving.gateway.gateway_config import load_gateway_config

    config = place_files(
        load_gateway_config(options.config), open_folder(options.root), None
    )
    if options.action == "report":
        text = experiment.report_experiment(
            config, options.name, options.success, options.json
        )
    else:
        text = experiment.estimate_blend(
            config,
            options.weights,
            options.scenario,
            options.success,
            options.json,
        )
    write_line(text)
    return EXIT_OK


def open_folder(root: Path | None):
    """Opens the state at a root; None = the one in runs/ used last.

    Raises:
        FileNotFoundError: runs/ holds none.
    """
    from pipeline.runs.run_folder import RunFolder

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


_COMMANDS = {
    "init": _init,
    "check": _check,
    "run": _run,
    "compile": _compile,
    "serve": _serve,
    "label": _label,
    "recommend": _recommend,
    "explain": _explain,
    "status": _status,
    "report": _report,
    "gateway": _gateway,
    "experiment": _experiment,
}


if __name__ == "__main__":
    sys.exit(main())
