"""A gateway without keys is for its own machine only."""

from serving.gateway.access.is_loopback import is_loopback


def check_listener(host: str, has_keys: bool, is_insecure: bool) -> None:
    """Refuses to let everybody in by mistake.

    Args:
        host: name or address to listen on; "" is every interface.
        has_keys: whether callers must show a key.
        is_insecure: whether the operator said that none are needed.

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
