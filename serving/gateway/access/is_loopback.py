"""Recognises names and addresses of this machine."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Tells whether a host is this machine for certain.

    Args:
        host: name or address without a port; IPv6 perhaps in brackets.
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False  # a name may resolve to any machine
