"""The gRPC port: services, limits, TLS, health and reflection.

Source: tensorflow_serving/model_servers/server.cc:353-424 (SERVING rules
F-01, F-16, F-17, F-19, O-10, O-11).
"""

from pathlib import Path

import grpc
from grpc_health.v1 import health
from grpc_health.v1 import health_pb2
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_reflection.v1alpha import reflection_pb2

from serving.model_server.admission import Admission
from serving.model_server.admission import CountingPool
from serving.model_server.metrics.server_metrics import ServerMetrics
from serving.model_server.rpc.model_service import ModelService
from serving.model_server.rpc.prediction_service import PredictionService
from serving.model_server.rpc.service_descriptors import MODEL_SERVICE
from serving.model_server.rpc.service_descriptors import PREDICTION_SERVICE
from serving.model_server.rpc.service_descriptors import build_service_pool
from serving.model_server.serving_error import invalid_argument
from serving.model_server.settings.config_protos import SSLConfig
from serving.model_server.settings.config_protos import read_text_proto
from serving.model_server.settings.server_options import ServerOptions
from serving.model_server.versions.served_models import ServedModels
from serving.protos import model_service_pb2_grpc
from serving.protos import prediction_service_pb2_grpc

# Not the full names: so does the stock server (server.cc:415-424).
_HEALTHY_SERVICES = ("", "ModelService", "PredictionService")


def build_health_servicer() -> health.HealthServicer:
    """Builds what answers health checks, at first that all is well."""
    servicer = health.HealthServicer()
    set_serving(servicer, True)
    return servicer


def set_serving(servicer: health.HealthServicer, is_serving: bool) -> None:
    """Has health checks answered that all is well, or not.

    The stock server says SERVING until it ends. There a thread that fails
    takes the process with it; ours goes on, and says so here meanwhile.
    """
    kind = health_pb2.HealthCheckResponse
    for name in _HEALTHY_SERVICES:
        servicer.set(name, kind.SERVING if is_serving else kind.NOT_SERVING)


def build_grpc_server(
    models: ServedModels,
    metrics: ServerMetrics,
    options: ServerOptions,
    health_servicer: health.HealthServicer,
) -> grpc.Server:
    """Builds a server with all services, bound to nothing yet.

    Raises:
        ServingError: `grpc_channel_arguments` cannot be read.
    """
    pool = CountingPool(options.grpc_max_threads)
    limit = options.limit_requests(options.grpc_max_threads)
    server = grpc.server(
        pool,
        interceptors=[Admission(pool, limit, metrics)],
        options=[
            (
                "grpc.max_receive_message_length",
                options.max_request_bytes or -1,
            ),
            ("grpc.max_send_message_length", -1),
            ("grpc.so_reuseport", 0),  # a second server fails visibly
            *parse_channel_arguments(options.grpc_channel_arguments),
        ],
    )
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        PredictionService(
            models,
            metrics,
            options.enable_serialization_as_tensor_content,
            options.enable_signature_method_name_check,
        ),
        server,
    )
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(
        ModelService(models, metrics), server
    )
    names = [PREDICTION_SERVICE, MODEL_SERVICE, reflection.SERVICE_NAME]
    if options.enable_grpc_healthcheck_service:
        health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)
        names.append(health.SERVICE_NAME)
    pool = build_service_pool(health_pb2.DESCRIPTOR, reflection_pb2.DESCRIPTOR)
    reflection.enable_server_reflection(names, server, pool)
    return server


def bind(server: grpc.Server, port: int | None, options: ServerOptions) -> int:
    """Binds a server to its TCP port, its Unix socket, or both.

    Args:
        server: not started yet.
        port: 0 takes a free one, None binds none.
        options: where, and with which TLS.

    Returns:
        The port, 0 if there is none.

    Raises:
        OSError: an address is taken.
        ServingError: the TLS config cannot be used.
    """
    bound = 0
    if port is not None:
        address = f"{options.host}:{port}"
        credentials = None
        if options.ssl_config_file:
            credentials = load_server_credentials(options.ssl_config_file)
        bound = _bind(server, address, credentials)
    if options.grpc_socket_path:
        _bind(server, f"unix:{options.grpc_socket_path}", None)
    return bound


def _bind(
    server: grpc.Server,
    address: str,
    credentials: grpc.ServerCredentials | None,
) -> int:
    try:
        if credentials is None:
            return server.add_insecure_port(address)
        return server.add_secure_port(address, credentials)
    except RuntimeError as error:
        raise OSError(
            f"The address {address} must be free. Received: {error}."
        ) from error


def parse_channel_arguments(text: str) -> list[tuple[str, int | str]]:
    """Reads `--grpc_channel_arguments`: `key=value,...`, integers as such.

    Raises:
        ServingError: a part has no `=`.
    """
    arguments: list[tuple[str, int | str]] = []
    for part in filter(None, text.split(",")):
        key, separator, value = part.partition("=")
        if not separator:
            raise invalid_argument(
                "--grpc_channel_arguments must be key=value,... Received: "
                f"{part}"
            )
        is_number = value.removeprefix("-").isdecimal()
        arguments.append((key, int(value) if is_number else value))
    return arguments


def load_server_credentials(path: str | Path) -> grpc.ServerCredentials:
    """Reads a TLS config; with `client_verify` callers need a certificate.

    Raises:
        ServingError: the file cannot be read, or it lacks a key or
            certificate.
    """
    config = read_text_proto(path, SSLConfig())
    for name in ("server_key", "server_cert"):
        if not getattr(config, name):
            raise invalid_argument(f"`{name}` must be set in '{path}'.")
    if config.client_verify and not config.custom_ca:
        raise invalid_argument(
            f"`client_verify` needs a `custom_ca` in '{path}'."
        )
    return grpc.ssl_server_credentials(
        [(config.server_key.encode(), config.server_cert.encode())],
        root_certificates=config.custom_ca.encode() or None,
        require_client_auth=config.client_verify,
    )
