"""The gateway's log: JSON lines on standard error, without user data."""

import datetime
import json
import logging
import traceback

_FIELDS = ("method", "route", "status", "ms", "key", "request_id")


class JsonFormatter(logging.Formatter):
    """One JSON object a line.

    Of an exception it has type and frames. The message is left out: it may
    quote what a user sent.
    """

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line = {
            "time": time.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in _FIELDS:
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.exc_info and record.exc_info[1] is not None:
            kind, _, frames = record.exc_info
            line["exception"] = kind.__qualname__
            line["frames"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(frames)
            ]
        return json.dumps(line)


def build_log_config(level: str = "INFO") -> dict:
    """Builds the `log_config` of `uvicorn.run`, with `access_log=False`.

    uvicorn's access log prints paths and query strings: it stays off even if a
    setting switches it on.

    Args:
        level: a level's name, such as `INFO`.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": f"{__name__}.{JsonFormatter.__qualname__}"}
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            "uvicorn.access": {"handlers": [], "propagate": False},
            # A warning for each malformed request could fill a disk.
            "uvicorn.error": {"level": "ERROR"},
        },
    }
