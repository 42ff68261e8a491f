"""Names of the event types and of the features of a window example.

One example is one user's history window, oldest event first, and the event
that came next: the label. All splits carry the same features.
"""

EVENT_TYPES = (
    "view",
    "click",
    "cart",
    "purchase",
    "rate",
    "listen",
    "skip",
    "review",
    "search",
    "message",
)

# Kept of users beside events. They decide what slates show, and no model learns
# from them: an item was met elsewhere, it may come later, or the event whose id
# is in `text` is taken back.
SEEN, NOT_NOW, UNDO = "seen", "not_now", "undo"
MARK_TYPES = (SEEN, NOT_NOW, UNDO)

RATING_TYPES = ("rate", "review")  # whose value says how an item was liked
REFUSAL_TYPES = ("skip",)  # that say that an item was not liked

# Per event of the window: L values each, 0 <= L <= max_window.
ITEM_ID = "item_id"  # bytes
EVENT_TYPE = "event_type"  # bytes, one of EVENT_TYPES
TIMESTAMP = "timestamp"  # int64, seconds since the epoch
VALUE = "value"  # float32; NaN where the event has none
POSITIVE = "positive"  # int64, 1 where the event counts as a success
SCENARIO = "scenario"  # bytes; empty where there is none
TEXT = "text"  # bytes; only where the dataset maps it
SESSION_ID = "session_id"  # bytes; only where the dataset maps it

# One value per example.
USER_ID = "user_id"  # bytes
LABEL_ITEM_ID = "label_item_id"  # bytes
LABEL_EVENT_TYPE = "label_event_type"  # bytes
LABEL_TIMESTAMP = "label_timestamp"  # int64, seconds
LABEL_VALUE = "label_value"  # float32; 0 where there is none
LABEL_VALUE_WEIGHT = "label_value_weight"  # float32; 1 = has a value, else 0
LABEL_POSITIVE = "label_positive"  # float32, 0 or 1
LABEL_SCENARIO = "label_scenario"  # bytes
LABEL_TEXT = "label_text"  # bytes; only where the dataset maps it
LABEL_SESSION_ID = "label_session_id"  # bytes; only where it is mapped
NUM_CONTEXT = "num_context"  # int64: leading events that are no targets here
HISTORY_BUCKET = "history_bucket"  # bytes, one of HISTORY_BUCKETS
ITEM_BUCKET = "item_bucket"  # bytes, one of ITEM_BUCKETS

# The label is an event too: each feature of an event, and the label's.
LABEL_FEATURES = {
    ITEM_ID: LABEL_ITEM_ID,
    EVENT_TYPE: LABEL_EVENT_TYPE,
    TIMESTAMP: LABEL_TIMESTAMP,
    VALUE: LABEL_VALUE,
    POSITIVE: LABEL_POSITIVE,
    SCENARIO: LABEL_SCENARIO,
    TEXT: LABEL_TEXT,
    SESSION_ID: LABEL_SESSION_ID,
}

# Items met before the window began: excluded from slates, never encoded.
OLDER_ITEM_ID = "older_item_id"  # bytes, any number

USER_ATTRIBUTE_PREFIX = "user_attribute_"
PROFILE = "profile"  # bytes, any number: user attributes as "name=value"
SENSITIVE_ATTRIBUTE_PREFIX = "user_sensitive_"

HISTORY_BUCKETS = ("0", "1-4", "5-19", "20+")
ITEM_BUCKETS = ("head", "middle", "tail", "unseen")

SPLITS = ("train", "eval", "test")
