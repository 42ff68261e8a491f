"""Settings of the REST server."""

import dataclasses
import os

DEFAULT_MONITORING_PATH = "/monitoring/prometheus/metrics"


@dataclasses.dataclass(frozen=True, kw_only=True)
class RestOptions:
    """Limits and switches; the names follow tensorflow_model_server's flags.

    The stock server has no limit of size or number; ours keep one client from
    using the memory of all others.
    """

    timeout_seconds: float = 30.0  # of one run of a model; 0 = none
    num_threads: int = 4 * (os.cpu_count() or 1)
    max_request_bytes: int = 64 << 20  # also after decompression
    max_concurrent_requests: int = 1000  # that run or wait for a thread
    max_connections: int = 4000  # beyond it 503
    transfer_timeout_seconds: float = 30.0  # to send head, body; to take answer
    enable_cors: bool = False
    checks_method_name: bool = False  # of signatures
    monitoring_path: str | None = None  # None = no page
