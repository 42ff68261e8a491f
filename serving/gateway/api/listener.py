"""The gateway's port: address, TLS, and the check of who can reach it."""

import functools
import gc
from dataclasses import dataclass

import uvicorn

from serving.deadline_protocol import DeadlineProtocol
from serving.gateway.access.access import Access
from serving.gateway.access.api_keys import ApiKeys
from serving.gateway.access.is_loopback import is_loopback
from serving.gateway.access.log_config import build_log_config
from serving.gateway.access.rate_limits import RateLimits
from serving.gateway.access.tls_files import TlsFiles
from serving.gateway.api.app import build_app
from serving.gateway.gateway import Gateway
from serving.gateway.gateway_config import GatewayConfig

_MAX_HEADER_BYTES = 64 << 10
_STOP_SECONDS = 10  # that running requests get at the end
_REDIS = ("redis://", "rediss://")


@dataclass(frozen=True, kw_only=True)
class Listener:
    """Where a gateway listens, and which keys it accepts.

    Attributes:
        keys: None accepts every caller that can reach the port.
        is_insecure: the operator allows that also for other machines.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    keys: ApiKeys | None = None
    is_insecure: bool = False
    tls: TlsFiles | None = None

    def serve(self, config: GatewayConfig) -> None:
        """Serves until SIGTERM or SIGINT.

        Raises:
            ValueError: others could call without a key, or the config, the
                catalogue, the state or TLS cannot be used.
            RuntimeError: another gateway has the log or the state's file; or
                the gateway could not start, and the log says why.
            OSError: a file cannot be read.
        """
        check_listener(self.host, self.keys is not None, self.is_insecure)
        state, limits = config.storage.state, config.limits
        access = Access(
            self.keys,
            RateLimits(
                limits.requests_per_second,
                limits.burst_seconds,
                state if state.startswith(_REDIS) else None,
            ),
            is_local=self.keys is None and not self.is_insecure,
        )
        gateway = Gateway(config)
        app = build_app(gateway, access)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                host=self.host,
                port=self.port,
                access_log=False,
                ws="none",
                # Otherwise a process on this machine could choose, by the
                # header X-Forwarded-For, whose rate limit is used. Callers
                # behind a reverse proxy share one limit; with keys they have
                # their own.
                proxy_headers=False,
                server_header=False,
                http=functools.partial(
                    DeadlineProtocol, deadline_seconds=limits.body_seconds
                ),
                log_config=build_log_config(),
                h11_max_incomplete_event_size=_MAX_HEADER_BYTES,
                timeout_graceful_shutdown=_STOP_SECONDS,
                **(
                    {} if self.tls is None else self.tls.build_uvicorn_options()
                ),
            )
        )
        gateway.open()  # uvicorn would tell an error of it with its frames
        gc.collect()
        gc.freeze()  # objects of the imports need not be visited again
        try:
            server.run()
        except SystemExit as error:
            if server.started:  # of a signal that uvicorn passed on
                raise
            # uvicorn's exit when it cannot start.
            raise RuntimeError(
                f"the gateway must be able to start on {self.host}:{self.port}"
                ". Received: an error that the log tells."
            ) from error


def check_listener(host: str, has_keys: bool, is_insecure: bool) -> None:
    """Refuses to listen for other machines without keys by mistake.

    Args:
        host: name or address to listen on; "" is every interface.
        has_keys: whether callers need a key.
        is_insecure: whether the operator allows callers without keys.

    Raises:
        ValueError: others than this machine could call without a key.
    """
    if has_keys or is_insecure or is_loopback(host):
        return
    raise ValueError(
        "A gateway without API keys must listen on a loopback address, or be "
        f"told --insecure. Received: host={host!r}. "
        "`python -m serving.gateway.access.generate_key` makes a key."
    )
