"""The command line of tensorflow_model_server, read into `ServerOptions`.

Source: tensorflow_serving/model_servers/main.cc:87-314 (SERVING rules F-01 to
F-17). Names, defaults and the way of writing booleans (`--flag`,
`--flag=false`) are the stock server's. A flag that it has and we have not is
refused, not ignored: a deployment that needs it must not start.
"""

import argparse
import dataclasses
import sys

from serving.model_server.settings.server_options import ServerOptions
from serving.parse_port import parse_port

_DEFAULT_PORT = 8500
_DEFAULT_NAME = "default"

# Flags whose name or unit differs from the option's.
_RETRY_MICROS = "load_retry_interval_micros"
_TAGS = "saved_model_tags"
_RENAMED = ("load_retry_interval_seconds", _TAGS)

# Accepted without effect: what they switch does not exist here.
_IGNORED = (
    "flush_filesystem_caches",
    "remove_unused_fields_from_bundle_metagraph",
    "enable_profiler",
)
_REFUSED = (  # unless they are switched off
    "xla_cpu_compilation_enabled",
    "use_alts_credentials",
    "platform_config_file",
    "thread_pool_factory_config_file",
    "tensorflow_session_config_file",
    "prefer_tflite_model",
    "num_tflite_pools",
    "num_tflite_interpreters_per_pool",
    "mixed_precision",
)

_HELP = {
    "host": "the interface to bind; the stock server always binds all (ours)",
    "wait_for_models": "open the ports only once every model serves (ours; "
    "--wait_for_models=false opens them at once)",
    "max_concurrent_requests": "predictions that may run or wait, of gRPC and "
    "of REST each; more are refused as RESOURCE_EXHAUSTED, health checks "
    "never (ours; 0 = four times the threads, negative = no limit, as in the "
    "stock server)",
    "max_request_bytes": "largest request; the stock server takes up to 2 "
    "GiB, enough for one caller to take the memory of all (ours; 0 = no "
    "limit)",
    "tensorflow_intra_op_parallelism": "threads of one op; 0 = "
    "--tensorflow_session_parallelism or, if that is 0, one, because requests "
    "share the cores already (the stock server takes a thread a core)",
}


@dataclasses.dataclass(frozen=True)
class Flags:
    """The parsed command line."""

    port: int  # 0 = no TCP port for gRPC
    model_name: str
    model_base_path: str
    options: ServerOptions


def parse_flags(arguments: list[str] | None = None) -> Flags:
    """Reads a command line; a wrong one ends the process with a text.

    An unknown flag is only named on stderr, as the stock server does.

    Args:
        arguments: the words after the program's name; None means the
            process's own.
    """
    parser = _build_parser()
    values, unknown = parser.parse_known_args(arguments)
    for name in _REFUSED:
        if (getattr(values, name) or "false").lower() not in ("false", "0"):
            parser.error(f"--{name} is not supported by this server")
    for word in unknown:
        sys.stderr.write(f"unknown argument: {word}\n")
    if not values.model_base_path and not values.model_config_file:
        parser.error("--model_base_path or --model_config_file must be given")
    if not values.model_config_file and not values.model_base_path.startswith(
        ("/", "file://")
    ):
        parser.error(
            f"Expected model {values.model_name} to have an absolute path or "
            f"URI; got base_path()={values.model_base_path}"
        )
    if values.port == 0 and not values.grpc_socket_path:
        parser.error("--port or --grpc_socket_path must be given")
    if values.batching_parameters_file and not values.enable_batching:
        parser.error(
            "INVALID_ARGUMENT: --batching_parameters_file is set without "
            "setting --enable_batching to true."
        )
    options = {
        field.name: getattr(values, field.name)
        for field in dataclasses.fields(ServerOptions)
        if field.name not in _RENAMED
    }
    return Flags(
        port=values.port,
        model_name=values.model_name,
        model_base_path=values.model_base_path,
        options=ServerOptions(
            load_retry_interval_seconds=getattr(values, _RETRY_MICROS) / 1e6,
            saved_model_tags=tuple(values.saved_model_tags.split(",")),
            **options,
        ),
    )


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m serving.model_server",
        description="Serves models as tensorflow_model_server does.",
        allow_abbrev=False,
    )
    parser.add_argument("--port", type=parse_port, default=_DEFAULT_PORT)
    parser.add_argument("--model_name", default=_DEFAULT_NAME)
    parser.add_argument("--model_base_path", default="")
    parser.add_argument(f"--{_RETRY_MICROS}", type=int, default=60_000_000)
    parser.add_argument(f"--{_TAGS}", default="serve")
    for field in dataclasses.fields(ServerOptions):
        if field.name in _RENAMED:
            continue
        text = _HELP.get(field.name)
        if isinstance(field.default, bool):
            parser.add_argument(
                f"--{field.name}",
                nargs="?",
                const=True,
                type=_parse_bool,
                default=field.default,
                help=text,
            )
        else:
            parser.add_argument(
                f"--{field.name}",
                type=type(field.default),
                default=field.default,
                help=text,
            )
    for name in (*_IGNORED, *_REFUSED):
        parser.add_argument(f"--{name}", nargs="?", const="true", help="(none)")
    return parser


def _parse_bool(text: str) -> bool:
    values = {"true": True, "1": True, "false": False, "0": False}
    if text.lower() not in values:
        raise argparse.ArgumentTypeError("must be true or false")
    return values[text.lower()]
