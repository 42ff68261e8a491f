"""`python -m serving.model_server`, with tensorflow_model_server's flags."""

import argparse
import logging
import signal
import sys

_logger = logging.getLogger("serving.model_server")


def main(arguments: list[str] | None = None) -> int:
    """Serves until SIGTERM or SIGINT.

    Returns:
        0 after a stop, 1 when the model did not become available.
    """
    flags = _parse(arguments)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    # After the flags, because TensorFlow takes seconds: --help does not wait.
    from serving.model_server.server import ModelServer
    from serving.model_server.server import ServerOptions

    options = ServerOptions(
        file_system_poll_wait_seconds=flags.file_system_poll_wait_seconds,
        max_num_load_retries=flags.max_num_load_retries,
        load_retry_interval_seconds=flags.load_retry_interval_micros / 1e6,
        enable_model_warmup=flags.enable_model_warmup,
        saved_model_tags=tuple(flags.saved_model_tags.split(",")),
    )
    server = ModelServer(
        flags.model_name, flags.model_base_path, flags.port, options
    )
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        server.start()
        server.wait()
    except KeyboardInterrupt:
        _logger.info("Stopping")
    except (OSError, RuntimeError) as error:
        _logger.error("%s", error)
        return 1
    server.stop()
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m serving.model_server")
    parser.add_argument("--port", type=int, default=8500)
    parser.add_argument("--model_name", default="default")
    parser.add_argument("--model_base_path", required=True)
    parser.add_argument(
        "--file_system_poll_wait_seconds", type=float, default=1.0
    )
    parser.add_argument("--max_num_load_retries", type=int, default=5)
    parser.add_argument(
        "--load_retry_interval_micros", type=int, default=60_000_000
    )
    parser.add_argument("--enable_model_warmup", type=_parse_bool, default=True)
    parser.add_argument("--saved_model_tags", default="serve")
    return parser.parse_args(arguments)


def _parse_bool(text: str) -> bool:
    values = {"true": True, "1": True, "false": False, "0": False}
    if text.lower() not in values:
        raise argparse.ArgumentTypeError("must be true or false")
    return values[text.lower()]


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
