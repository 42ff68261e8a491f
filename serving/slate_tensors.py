"""Reads slates and explanations out of the outputs of the signatures."""

import contextlib
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np
from google.protobuf.message import DecodeError

from schemas.signatures import ENCODE_ITEMS
from schemas.signatures import NUM_LEADING_PLACES
from schemas.signatures import OUTPUTS
from serving.protos import get_model_metadata_pb2
from serving.query import Explanation
from serving.query import Slate
from serving.query import SlateItem


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
        outputs: as decoded; others than the promised ones are not looked at.
        num_rows: the batch B that was asked for.

    Raises:
        ValueError: an output is missing, of another dtype or rank, or has
            not one row for each that was asked for.
    """
    for name, (dtype, rank) in OUTPUTS[signature].items():
        if name not in outputs:
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
            `history_weights` `[K, 3]`.
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
            )
        )
    return Slate(items=tuple(items), model_version=model_version)


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
            score_drops=row["score_drops"][index, events].tolist(),
            history_weights=row["history_weights"][index, events].tolist(),
            source_shares=dict(
                zip(names, row["source_shares"][index].tolist(), strict=True)
            ),
        )
        for index, item_id in enumerate(item_ids)
    ]


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
