"""The error whose message is shown to callers."""


class BadRequest(ValueError):  # noqa: N818  it is what HTTP calls it
    """A caller's request cannot be done; the gateway is not at fault.

    The message is shown to the caller with status 422. Any other `ValueError`
    is a fault of the gateway, such as a damaged state, and its message may
    quote what other users sent.
    """
