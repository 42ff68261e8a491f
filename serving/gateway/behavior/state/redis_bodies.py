"""Items and profiles in Redis: bodies by id, in the order of their puts."""

from collections.abc import Callable
from collections.abc import Sequence
from itertools import chain

from serving.gateway.behavior.state import redis_scripts

_AT_ONCE = 1000  # of one call, which must end within the store's timeout


def put(
    run: Callable,
    script: str,
    bound: int,
    pairs: Sequence[tuple[bytes, object]],
) -> int:
    """Puts ids and bodies, so many at once; returns how many left.

    Args:
        run: runs a script with its arguments.
        script: that puts bodies of this kind.
        bound: the most that stay.
        pairs: id and body.
    """
    # At least once: an empty put, too, removes what is above the bound.
    return sum(
        run(script, [bound, *chain(*pairs[at : at + _AT_ONCE])])
        for at in range(0, max(len(pairs), 1), _AT_ONCE)
    )


def list_after(run: Callable, kind: str, after: int) -> dict[bytes, bytes]:
    """Returns bodies by id of what was put after a number, in its order.

    Args:
        run: as of `put`.
        kind: "item" or "profile".
        after: a number; 0 = all.
    """
    bodies: dict[bytes, bytes] = {}
    while True:
        page = run(redis_scripts.LIST_PAGE, [kind, after, _AT_ONCE])
        for key, body in zip(page[::3], page[2::3], strict=True):
            bodies.pop(key, None)  # put again since the page before
            bodies[key] = body
        if len(page) < 3 * _AT_ONCE:
            return bodies
        after = int(page[-2])
