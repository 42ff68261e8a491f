"""`python -m serving.gateway`: the gateway on one port."""

import argparse
import dataclasses
import logging.config
import os
import sys
from pathlib import Path

from serving.parse_port import parse_port

_KEYS_VARIABLE = "TASTEMAKER_GATEWAY_KEYS"
_logger = logging.getLogger("serving.gateway")


def main(arguments: list[str] | None = None) -> int:
    """Serves until SIGTERM or SIGINT; uvicorn then ends by that signal.

    Returns:
        1 when something cannot be opened or used.
    """
    options = _build_parser().parse_args(arguments)
    # Imported after the flags are read: --help does not wait for FastAPI.
    from serving.gateway.access.tls_files import TlsFiles
    from serving.gateway.api.listener import Listener
    from serving.gateway.gateway_config import load_gateway_config

    try:
        config = load_gateway_config(options.config)
        if options.address is not None:
            upstream = dataclasses.replace(
                config.upstream, address=options.address
            )
            config = dataclasses.replace(config, upstream=upstream)
        tls = None
        if options.ssl_certfile is None:
            if options.ssl_keyfile or options.ssl_ca_certs:
                raise ValueError(
                    "--ssl_keyfile and --ssl_ca_certs must come with "
                    "--ssl_certfile. Received: none, which means no TLS."
                )
        else:
            tls = TlsFiles(
                certificate=options.ssl_certfile,
                key=options.ssl_keyfile or options.ssl_certfile,
                client_authority=options.ssl_ca_certs,
            )
        Listener(
            host=options.host,
            port=options.port,
            keys=_load_keys(options.keys),
            is_insecure=options.insecure,
            tls=tls,
        ).serve(config)
    except (OSError, ValueError, RuntimeError) as error:
        _logger.error("The gateway cannot serve: %s", error)
        return 1
    return 0


def _load_keys(path: Path | None):
    from serving.gateway.access.api_keys import ApiKeys

    if path is not None:
        return ApiKeys.from_file(path)
    if os.environ.get(_KEYS_VARIABLE):
        return ApiKeys.from_environment(_KEYS_VARIABLE, os.environ)
    return None


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m serving.gateway",
        description="What applications call: slates, events, feedback, items.",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="YAML")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=parse_port, default=8080)
    parser.add_argument(
        "--address",
        metavar="HOST:PORT",
        help="gRPC of the model server (default: as the config says)",
    )
    parser.add_argument(
        "--keys",
        type=Path,
        metavar="FILE",
        help=f"API keys; without it those in ${_KEYS_VARIABLE}",
    )
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="accept callers without keys, also from other machines",
    )
    parser.add_argument("--ssl_certfile", type=Path, metavar="PEM")
    parser.add_argument("--ssl_keyfile", type=Path, metavar="PEM")
    parser.add_argument(
        "--ssl_ca_certs",
        type=Path,
        metavar="PEM",
        help="callers must show a certificate that it signed",
    )
    return parser


if __name__ == "__main__":
    from serving.gateway.access.log_config import build_log_config

    logging.config.dictConfig(build_log_config())
    sys.exit(main())
