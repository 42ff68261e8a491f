"""What a span tells of items and users, beside what they did."""

from serving.gateway.behavior.log.record_json import encode_item
from serving.gateway.behavior.log.record_json import encode_profile
from serving.gateway.behavior.state.state_store import StateStore


def read_span_tables(state: StateStore) -> dict[str, list[bytes]]:
    """Reads the tables of a span, as `BehaviorLog.close_span` takes them.

    Returns:
        Lines of JSON by name; nothing while the state is away.
    """
    try:
        items, profiles = state.list_items(), state.list_profiles()
    except OSError:
        return {}
    return {
        "items": [encode_item(item) + b"\n" for item in items],
        "users": [encode_profile(*pair) + b"\n" for pair in profiles],
    }
