"""Logs as the gateway writes them, for what reads them."""

from serving.gateway.behavior.log.log_line import build_line
from serving.gateway.behavior.log.record_json import encode_event
from serving.gateway.behavior.log.record_json import encode_exposure
from serving.gateway.records.event import Event
from serving.gateway.records.exposure import ExposedItem
from serving.gateway.records.exposure import Exposure


def make_exposure(slate_id, user_id, **fields):
    items = fields.pop("items", ("a", "b"))
    return Exposure(
        slate_id=slate_id,
        user_id=user_id,
        items=tuple(
            item
            if isinstance(item, ExposedItem)
            else ExposedItem(item_id=item, score=1.0)
            for item in items
        ),
        **{"timestamp": 100.0} | fields,
    )


def make_click(slate_id, user_id, item_id="a", **fields):
    return Event(
        event_id=f"{slate_id}-{item_id}-{fields}",
        user_id=user_id,
        item_id=item_id,
        slate_id=slate_id,
        **{"timestamp": 101.0, "event_type": "click"} | fields,
    )


def write_logs(folder, exposures=(), events=(), part=1):
    folder.mkdir(exist_ok=True)
    for kind, bodies in (
        ("exposures", map(encode_exposure, exposures)),
        ("events", map(encode_event, events)),
    ):
        lines = [build_line(seq, body) for seq, body in enumerate(bodies, 1)]
        (folder / f"{kind}-{part:06d}.jsonl").write_bytes(b"".join(lines))
    return folder
