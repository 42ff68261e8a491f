"""TLS of the gRPC port, from `--ssl_config_file`.

The file is a text proto `SSLConfig` with the PEM texts themselves, not their
paths; TLS is for gRPC only, REST stays plain HTTP.

Source: tensorflow_serving/model_servers/server.cc:117-149 (SERVING rule O-11).
"""

from pathlib import Path

import grpc

from serving.model_server.serving_error import invalid_argument
from serving.model_server.settings.config_protos import SSLConfig
from serving.model_server.settings.config_protos import read_text_proto


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
