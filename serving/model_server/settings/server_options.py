"""Settings of the model server."""

import dataclasses
import os

_ALL_INTERFACES = "[::]"
_NUM_THREADS = 4 * (os.cpu_count() or 1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ServerOptions:
    """Settings with the names of tensorflow_model_server's flags.

    The last group is ours: the stock server binds all interfaces, blocks
    until its models are there, and takes requests of any number and size.
    """

    # Models; a config file wins over the name and path given to the server.
    model_config_file: str = ""
    model_config_file_poll_wait_seconds: float = 0.0  # 0 = never again
    file_system_poll_wait_seconds: float = 1.0  # 0 = once, negative = never
    allow_version_labels_for_unavailable_models: bool = False
    max_num_load_retries: int = 5
    load_retry_interval_seconds: float = 60.0
    num_load_threads: int = 0  # 0 = one at a time
    num_unload_threads: int = 0
    saved_model_tags: tuple[str, ...] = ("serve",)
    enable_model_warmup: bool = True
    num_request_iterations_for_warmup: int = 0  # 0 = once

    # TensorFlow; 0 leaves the choice to it, and to us that of one op.
    tensorflow_session_parallelism: int = 0
    tensorflow_intra_op_parallelism: int = 0
    tensorflow_inter_op_parallelism: int = 0
    per_process_gpu_memory_fraction: float = 0.0

    # Batching
    enable_batching: bool = False
    batching_parameters_file: str = ""
    enable_per_model_batching_parameters: bool = False

    # gRPC
    grpc_socket_path: str = ""
    grpc_max_threads: int = _NUM_THREADS
    grpc_channel_arguments: str = ""  # "key=value,..."
    ssl_config_file: str = ""
    enable_grpc_healthcheck_service: bool = False
    enable_serialization_as_tensor_content: bool = False
    enable_signature_method_name_check: bool = False

    # REST
    rest_api_port: int = 0  # 0 = none
    rest_api_num_threads: int = _NUM_THREADS
    rest_api_timeout_in_ms: int = 30_000
    rest_api_enable_cors_support: bool = False
    monitoring_config_file: str = ""

    # Ours
    host: str = _ALL_INTERFACES
    wait_for_models: bool = True
    max_concurrent_requests: int = 0  # of gRPC, and of REST; 0 = four times
    # the threads, negative = no limit
    max_request_bytes: int = 64 << 20  # 0 = no limit

    def limit_requests(self, num_threads: int) -> int | None:
        """Returns how many requests may run or wait; None = any number."""
        if self.max_concurrent_requests < 0:
            return None
        return self.max_concurrent_requests or 4 * num_threads
