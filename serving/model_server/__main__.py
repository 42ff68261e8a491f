"""`python -m serving.model_server`, with tensorflow_model_server's flags."""

import gc
import logging
import signal
import sys
from typing import TYPE_CHECKING

from serving.model_server.settings.flags import parse_flags

if TYPE_CHECKING:
    from serving.model_server.server import ModelServer

_logger = logging.getLogger("serving.model_server")


def main(arguments: list[str] | None = None) -> int:
    """Serves until SIGTERM or SIGINT.

    Returns:
        0 after a stop, 1 when the models did not become available or a port
        was closed that nobody closed.
    """
    flags = parse_flags(arguments)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    # Imported after the flags are read: TensorFlow takes seconds.
    from serving.model_server.server import ModelServer
    from serving.model_server.serving_error import ServingError

    signal.signal(signal.SIGTERM, _interrupt)
    server = None
    status = 0
    try:
        # After each unloaded version a full collection runs, which stops every
        # request; objects of the imports need not be visited.
        gc.collect()
        gc.freeze()
        server = ModelServer(
            flags.model_name,
            flags.model_base_path,
            flags.port or None,
            flags.options,
        )
        server.start()
        status = _wait(server)
    except KeyboardInterrupt:
        _logger.info("Stopping")
    except (OSError, RuntimeError, ServingError) as error:
        _logger.error("Failed to start server. Error: %s", error)
        return 1
    finally:
        gc.unfreeze()
    if server is not None:
        server.stop()
    return status


def _wait(server: "ModelServer") -> int:
    try:
        server.wait()
    except RuntimeError as error:
        _logger.error("The server cannot go on. Error: %s", error)
        return 1
    return 0


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
