"""Reads slates and explanations out of the outputs of the signatures."""

import contextlib
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np
from google.protobuf.message import DecodeError

from schemas.signatures import ENCODE_ITEMS
from schemas.signatures import NUM_LEADING_PLACES
from schemas.signatures import OPTIONAL_OUTPUTS
from schemas.signatures import OUTPUTS
from serving.protos import get_model_metadata_pb2
from serving.query import Explanation
from serving.query import KindShares
from serving.query import Slate
from serving.query import SlateItem

_PLACES = ("place", "place_without_history", "place_without_need")


@contextlib.contextmanager
def reading_answer(signature: str) -> Iterator[None]:
    """Marks an error as a bad answer, not a bad request."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise RuntimeError(
            f"Signature `{signature}` must answer as schemas.signatures says. "
            f"Received what cannot be read: {error}"
        ) from error


def read_item_inputs(
    response: get_model_metadata_pb2.GetModelMetadataResponse,
) -> frozenset[str]:
    """Lists the inputs of `encode_items`.

    Args:
        response: the metadata `signature_def` of a version.

    Raises:
        RuntimeError: it cannot be read.
    """
    found = get_model_metadata_pb2.SignatureDefMap()
    try:
        response.metadata["signature_def"].Unpack(found)
    except DecodeError as error:
        raise RuntimeError(
            "The metadata `signature_def` must be a SignatureDefMap. Received"
            f" what cannot be read: {error}"
        ) from error
    return frozenset(found.signature_def[ENCODE_ITEMS].inputs)


def check_outputs(
    signature: str, outputs: Mapping[str, np.ndarray], num_rows: int
) -> None:
    """Checks the outputs of a signature against its specification.

    Args:
        signature: a key of `schemas.signatures.OUTPUTS`.
        outputs: as decoded; others than the promised ones are not looked at,
            and those that an older model does not say may be missing.
        num_rows: the batch B that was asked for.

    Raises:
        ValueError: an output is missing, of another dtype or rank, or has
            not one row for each that was asked for.
    """
    for name, (dtype, rank) in OUTPUTS[signature].items():
        if name not in outputs:
            if name in OPTIONAL_OUTPUTS:
                continue
            raise ValueError(
                f"`{name}` must be there. Received: {sorted(outputs)}. Is "
                "another model served by this name?"
            )
        array = outputs[name]
        given = "string" if array.dtype == object else array.dtype.name
        if given != dtype or array.ndim != rank or len(array) != num_rows:
            raise ValueError(
                f"`{name}` must be {dtype} of rank {rank} with {num_rows} "
                f"rows. Received: {given} of shape {list(array.shape)}."
            )


def read_slate(row: Mapping[str, np.ndarray], model_version: int) -> Slate:
    """Reads one row of a batch; an empty id ends the slate.

    Args:
        row: `item_id` bytes `[K]`, `score`, `probability` and `rating`
            float32 `[K]`; of `recommend` also `history_positions` and
            `history_weights` `[K, 3]`, and the shares of the kinds `[K]`.
        model_version: the version that answered.

    Returns:
        The slate, in the order of the row.
    """
    items = []
    for index, item_id in enumerate(row["item_id"].tolist()):
        if not item_id:
            break
        reasons = ()
        if "history_positions" in row:
            reasons = _read_reasons(
                row["history_positions"][index], row["history_weights"][index]
            )
        items.append(
            SlateItem(
                item_id=item_id.decode(),
                score=float(row["score"][index]),
                probability=float(row["probability"][index]),
                rating=float(row["rating"][index]),
                reasons=reasons,
                shares=_read_shares(row, index),
            )
        )
    return Slate(
        items=tuple(items),
        model_version=model_version,
        is_need_read=bool(row.get("need_read", 1.0)),
    )


def read_explanations(
    row: Mapping[str, np.ndarray], item_ids: Sequence[str], num_events: int
) -> list[Explanation]:
    """Reads one row of a batch of `explain`.

    Args:
        row: C items over a window of L places, see `signatures.OUTPUTS`.
        item_ids: the C items.
        num_events: events of the query; the window is padded before and
            beyond.

    Returns:
        One explanation per item.
    """
    events = slice(NUM_LEADING_PLACES, NUM_LEADING_PLACES + num_events)
    names = [name.decode() for name in row["source_names"].tolist()]
    return [
        Explanation(
            item_id=item_id,
            score=float(row["score"][index]),
            score_without_history=float(row["score_without_history"][index]),
            score_without_need=float(row["score_without_need"][index]),
            **{
                name: float(row[name][index]) if name in row else 0.0
                for name in _PLACES
            },
            score_drops=row["score_drops"][index, events].tolist(),
            history_weights=row["history_weights"][index, events].tolist(),
            shares=_read_shares(row, index),
            source_shares=dict(
                zip(names, row["source_shares"][index].tolist(), strict=True)
            ),
        )
        for index, item_id in enumerate(item_ids)
    ]


def _read_shares(row: Mapping[str, np.ndarray], index: int) -> KindShares:
    """Reads the shares of one item; none where the model says nothing."""
    return KindShares(
        **{
            kind: float(row[f"{kind}_share"][index])
            for kind in ("history", "need", "popularity")
            if f"{kind}_share" in row
        }
    )


def _read_reasons(
    positions: np.ndarray, weights: np.ndarray
) -> tuple[tuple[int, float], ...]:
    return tuple(
        (position, weight)
        for position, weight in zip(
            positions.tolist(), weights.tolist(), strict=True
        )
        if position >= 0
    )
