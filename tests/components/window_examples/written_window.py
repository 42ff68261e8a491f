"""One example that the writer made of all that a dataset can tell."""

import numpy as np
import pyarrow as pa

from components.window_examples import writer
from components.window_examples.window import Window
from components.window_examples.window import WindowEvent
from schemas import events

OLDER = WindowEvent("a", "view", 10, None, False, "home", "", "s1")
FIRST = WindowEvent("b", "search", 20, 3.0, False, "shop", "ghosts", "s2")
SECOND = WindowEvent("c", "rate", 30, 4.5, True, "mail", "so so", "s3")
LABEL = WindowEvent("d", "review", 40, 2.5, True, "news", "fine", "s4")

# What encode_record() must come back as.
WINDOW = Window(
    user_id="u",
    events=(FIRST, SECOND),
    label=LABEL,
    num_context=1,
    history_bucket="1-4",  # three events came before the label
    item_bucket="tail",
    older_item_ids=("a",),
    profile={"age": "35", "taste": "a=b"},
    attributes={
        "user_attribute_age": 35.0,
        "user_attribute_taste": "a=b",
        "user_sensitive_sex": "f",
    },
)


def build_table(found=(OLDER, FIRST, SECOND, LABEL)) -> pa.Table:
    """The events of one user as ingest types them."""
    columns = {
        name: pa.array([getattr(event, name) for event in found], kind)
        for name, kind in (
            (events.ITEM_ID, pa.string()),
            (events.TIMESTAMP, pa.int64()),
            (events.VALUE, pa.float32()),
            (events.POSITIVE, pa.bool_()),
            (events.SCENARIO, pa.string()),
            (events.TEXT, pa.string()),
            (events.SESSION_ID, pa.string()),
        )
    }
    kinds = [events.EVENT_TYPES.index(event.event_type) for event in found]
    columns[events.EVENT_TYPE] = pa.array(kinds, pa.int8())
    columns[events.USER_ID] = pa.array(["u"] * len(found))
    return pa.table(columns)


def build_users() -> pa.Table:
    return pa.table(
        {
            events.USER_ID: ["u"],
            "user_attribute_age": pa.array([35.0], pa.float32()),
            "user_attribute_taste": ["a=b"],
            "user_sensitive_sex": ["f"],
            "user_attribute_unknown": pa.array([None], pa.string()),
        }
    )


def encode_record(users: pa.Table | None = None) -> bytes:
    rows = {"first": 0, "older": 0, "begin": 1, "label": 3, "num_context": 1}
    plan = writer.WindowPlan(**{n: np.array([row]) for n, row in rows.items()})
    ((record,),) = writer.encode_windows(
        build_table(),
        plan,
        lambda items: pa.array(["tail"] * len(items)),
        build_users() if users is None else users,
    )
    return record
