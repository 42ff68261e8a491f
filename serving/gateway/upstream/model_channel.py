"""The gRPC channel to the model server: retries, reconnects, balancing."""

import json
from pathlib import Path

import grpc

from serving.gateway.upstream.upstream_config import UpstreamConfig

_MAX_ANSWER_BYTES = 16 << 20  # a slate of a thousand items has 0.1 MB
_FIRST_BACKOFF = "0.05s"  # drawn from 0 to this before the first retry
_MAX_BACKOFF = "0.5s"
_RETRY_TOKENS = 10  # retries stop when failures have used up half of them
_RECONNECT_MS = 500  # a server that restarts is found again this soon
_CONNECT_TIMEOUT_MS = 1000
_KEEPALIVE_MS = 10_000  # a silent peer is pinged, while calls wait only
_KEEPALIVE_TIMEOUT_MS = 2000


def open_model_channel(config: UpstreamConfig) -> grpc.Channel:
    """Opens a channel that retries, reconnects and spreads its calls.

    Replicas behind one DNS name (a headless Service) are called in turn; a
    plain channel would stay with the first one. Retries are gRPC's own: only
    UNAVAILABLE, only within the deadline, only while the budget lasts.

    Args:
        config: the address, TLS and the retry budget.

    Raises:
        OSError: a certificate or the key cannot be read.

    Source:
        gRFC A6 (client retries and `retryThrottling`), gRFC A8 (keepalive).
    """
    options = [
        ("grpc.max_receive_message_length", _MAX_ANSWER_BYTES),
        ("grpc.service_config", json.dumps(_build_service_config(config))),
        ("grpc.service_config_disable_resolution", 1),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", _CONNECT_TIMEOUT_MS),
        ("grpc.max_reconnect_backoff_ms", _RECONNECT_MS),
        ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", _KEEPALIVE_TIMEOUT_MS),
    ]
    if config.root_certificates_path is None:
        return grpc.insecure_channel(config.address, options)
    credentials = grpc.ssl_channel_credentials(
        config.root_certificates_path.read_bytes(),
        _read(config.client_key_path),
        _read(config.client_certificate_path),
    )
    return grpc.secure_channel(config.address, credentials, options)


def _read(path: Path | None) -> bytes | None:
    return None if path is None else path.read_bytes()


def _build_service_config(config: UpstreamConfig) -> dict:
    service_config = {"loadBalancingConfig": [{"round_robin": {}}]}
    if config.max_attempts == 1:
        return service_config
    return service_config | {
        "methodConfig": [
            {
                "name": [{}],  # every method; none of them changes anything
                "retryPolicy": {
                    "maxAttempts": config.max_attempts,
                    "initialBackoff": _FIRST_BACKOFF,
                    "maxBackoff": _MAX_BACKOFF,
                    "backoffMultiplier": 3,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ],
        "retryThrottling": {
            "maxTokens": _RETRY_TOKENS,
            "tokenRatio": config.retry_share,
        },
    }
