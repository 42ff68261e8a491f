"""Signature names of the pushed SavedModel, and their tensors.

Every tensor is dense and has the batch as dimension 0, so that the model
server can batch requests. B batch, L window, K slate length, D embedding.

In lists, "" is padding at every position. A server that pads the shorter lists
of a batch repeats the first element of the request's tensor, so a client of
such a server must begin every list with "". An answer may be wider than
requested: `item_id` is "" after the request's own k, and a request reads as
many candidates and events as it sent.

Vectors of `encode_query` and `encode_items` are wider than the towers': a part
for the text of the need follows. Their product compares with scores.
"""

SERVING_DEFAULT = "serving_default"
RECOMMEND = "recommend"
RANK = "rank"
EXPLAIN = "explain"
ENCODE_QUERY = "encode_query"
ENCODE_ITEMS = "encode_items"

MODEL_NAME = "tastemaker"
NUM_LEADING_PLACES = 1  # "" before the first entry of every list that
# our own clients send
MAX_EVENTS = 256  # the newest of a request that the model reads: attention
# costs their square. Older ones are excluded from slates like these
POSITIONS_PER_ITEM = 3  # history positions that explain one slate item
UNKNOWN_ITEM_SCORE = -3.4028234663852886e38  # lowest float32: what `rank`
# says of a candidate that is not in the catalogue

# name: (dtype name, rank); unknown dimensions are free.
QUERY_INPUTS = {
    "item_id": ("string", 2),  # [B, L], "" = no event here
    "event_type": ("string", 2),  # [B, L]
    "timestamp": ("int64", 2),  # [B, L], seconds
    "value": ("float32", 2),  # [B, L], NaN where there is none
    "need": ("string", 1),  # [B], the present need as text, "" = none
    "scenario": ("string", 1),  # [B], "" = none
    "query_time": ("int64", 1),  # [B], seconds; 0 = time of the last event
    "profile": ("string", 2),  # [B, P], "name=value" of user attributes,
    # "" = none
}
# Models once knew nothing of them. Who asks for one row may leave them out,
# as if "" were sent.
OPTIONAL_INPUTS = frozenset({"profile"})
RECOMMEND_INPUTS = QUERY_INPUTS | {
    "excluded_item_id": ("string", 2),  # [B, X], "" = padding
    "allowed_categories": ("string", 2),  # [B, C], all "" = any category
    "min_price": ("float32", 1),  # [B], NaN = no bound
    "max_price": ("float32", 1),  # [B], NaN = no bound
    "exclude_history": ("bool", 1),  # [B]
    "k": ("int32", 1),  # [B]; the slate is as wide as the largest k
}
RANK_INPUTS = QUERY_INPUTS | {"candidate_item_id": ("string", 2)}  # [B, C]
ENCODE_ITEMS_INPUTS = {
    "title": ("string", 1),  # [B]
    "description": ("string", 1),  # [B]
    "categories": ("string", 2),  # [B, G], padded with ""
}
EXAMPLES_INPUTS = {"examples": ("string", 1)}  # [B], serialized tf.Example

INPUTS = {
    SERVING_DEFAULT: EXAMPLES_INPUTS,
    RECOMMEND: RECOMMEND_INPUTS,
    RANK: RANK_INPUTS,
    EXPLAIN: RANK_INPUTS,
    ENCODE_QUERY: QUERY_INPUTS,
    ENCODE_ITEMS: ENCODE_ITEMS_INPUTS,
}

# What brought an item forward: the history, the need, and what many people
# like. [B, K] each; they sum to one, or all are 0 where nothing did.
KIND_SHARES = {
    "history_share": ("float32", 2),
    "need_share": ("float32", 2),
    "popularity_share": ("float32", 2),
}
RANK_OUTPUTS = {
    "score": ("float32", 2),  # [B, C]
    "probability": ("float32", 2),  # [B, C], chance of a positive event
    "rating": ("float32", 2),  # [B, C], expected value of the event
}
OUTPUTS = {
    SERVING_DEFAULT: {
        "rank": ("float32", 1),  # [B], 1-based; catalogue size + 1 = no slate
        # would ever show the item that came next
        "liked_rank": ("float32", 1),  # the same; 0 where what came next was
        # not liked
        "num_candidates": ("float32", 1),  # items that compete
        "candidate": ("float32", 1),  # 1 where the item that came next is one
        "met": ("float32", 1),  # 1 where it had been met before
        "score": ("float32", 1),
        "probability": ("float32", 1),
        "rating": ("float32", 1),
        "finite": ("float32", 1),  # 1 where every score, the probability and
        # the rating are finite numbers, else 0
        "exposure": ("float32", 2),  # [B, 4], shares of the first ten items
        # that a slate would show, in the order of events.ITEM_BUCKETS
    },
    RECOMMEND: {
        "item_id": ("string", 2),  # [B, K], "" beyond a row's own k
        **RANK_OUTPUTS,  # [B, K]
        "history_positions": ("int32", 3),  # [B, K, 3], which event of the
        # window, not counting "", -1 = none
        "history_weights": ("float32", 3),  # [B, K, 3], parts of
        # `history_share`; those of further events are not told
        **KIND_SHARES,  # [B, K]
        "need_read": (
            "float32",
            1,
        ),  # [B], 0 where neither the language model
        # nor the catalogue has the words of the need: as if none had been said
    },
    RANK: RANK_OUTPUTS,
    EXPLAIN: {
        "score": ("float32", 2),  # [B, C]
        "score_without_history": ("float32", 2),  # [B, C]
        "score_without_need": ("float32", 2),  # [B, C]
        "place": ("float32", 2),  # [B, C], from 1 on, of all items outside the
        # history; 0 for an item that is not in the catalogue. Scores of
        # requests with and without a history do not compare, places do
        "place_without_history": ("float32", 2),  # [B, C]
        "place_without_need": ("float32", 2),  # [B, C]
        "score_drops": ("float32", 3),  # [B, C, L], what the score loses
        # without the event in each place; below 0 = the event lowered it
        "history_weights": ("float32", 3),  # [B, C, L], parts of
        # `history_share`, to which they sum
        **KIND_SHARES,  # [B, C]
        "source_names": ("string", 2),  # [B, S], what items are known by
        "source_shares": ("float32", 3),  # [B, C, S], sum to one; 0 for an
        # item that is not in the catalogue
    },
    ENCODE_QUERY: {
        "query_embedding": ("float32", 2),  # [B, D + T]
        "mean_score": ("float32", 1),  # [B], of its products with all items
    },
    ENCODE_ITEMS: {"item_embedding": ("float32", 2)},  # [B, D + T]
}
# Models once said nothing of them: a client reads answers without them.
OPTIONAL_OUTPUTS = frozenset(
    {
        *KIND_SHARES,
        "place",
        "place_without_history",
        "place_without_need",
        "mean_score",
        "need_read",
    }
)
