"""The one error that is told to callers in its own words."""


class BadRequest(ValueError):  # noqa: N818  it is what HTTP calls it
    """A caller asked for what cannot be done; nothing of ours is broken.

    The message is shown to her with status 422. Any other `ValueError` that
    comes up from below is a fault of ours, such as a damaged state, and its
    message may quote what other users sent.
    """
