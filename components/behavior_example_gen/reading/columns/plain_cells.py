"""What all columns have in common: encodings, blanks, words for nothing."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.behavior_example_gen.reading.row_check import OptionalCheck
from components.behavior_example_gen.reading.row_check import RowCheck

_BLANKS = b" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"  # those of ASCII
NO_CAST = (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError)


def to_plain(
    array: pa.Array,
    null_words: pa.Array,
    name: str,
    check: RowCheck | OptionalCheck,
) -> pa.Array:
    """Makes one kind of text of all kinds; other types stay as they are.

    Args:
        array: a column as the file has it.
        null_words: strings that mean a missing value.
        name: role, for the reason "not UTF-8: <name>".
        check: gets the rows that cannot be read.

    Returns:
        Text as string without blanks around it, null where it is empty or a
        null word. Numbers, times and lists unchanged.
    """
    kind = array.type
    if pa.types.is_dictionary(kind):
        array = array.dictionary_decode()
        kind = array.type
    if is_binary(kind):
        array = _decode(array, name, check)
    elif pa.types.is_large_string(kind) or pa.types.is_null(kind):
        array = array.cast(pa.string())
    elif not pa.types.is_string(kind):
        return array
    if may_hold(array, _BLANKS, is_ascii=False):
        array = pc.utf8_trim_whitespace(array)
    return drop(array, pc.is_in(array, value_set=null_words))


def join_texts(array: pa.Array) -> pa.Array:
    """Makes one text of each list of texts; null of an empty one.

    Other columns stay as they are.
    """
    if not (
        pa.types.is_list(array.type)
        and pa.types.is_string(array.type.value_type)
    ):
        return array
    joined = [" ".join(filter(None, one or ())) for one in array.to_pylist()]
    return pa.array([text or None for text in joined], pa.string())


def nulls(array: pa.Array) -> np.ndarray:
    """Returns bool `[rows]`, true where a value is missing."""
    return array.is_null().to_numpy(zero_copy_only=False)


def flags(mask: pa.Array) -> np.ndarray:
    """Returns a boolean column as bool `[rows]`; null is false."""
    return mask.fill_null(False).to_numpy(zero_copy_only=False)


def drop(array: pa.Array, mask: pa.Array | np.ndarray) -> pa.Array:
    """Makes the marked values null."""
    if isinstance(mask, np.ndarray):
        mask = pa.array(mask)
    if not pc.any(mask).as_py():
        return array
    return pc.if_else(mask, pa.scalar(None, array.type), array)


def may_hold(texts: pa.Array, characters: bytes, is_ascii: bool = True) -> bool:
    """Tells whether any text holds one of the characters, in little time.

    Args:
        texts: strings; a slice is searched with what it was cut from.
        characters: of ASCII.
        is_ascii: other characters do not count.
    """
    data = texts.buffers()[2]
    if data is None:
        return False
    block = data.to_pybytes()
    if not is_ascii and not block.isascii():
        return True
    return any(bytes([one]) in block for one in characters)


def is_binary(kind: pa.DataType) -> bool:
    """Tells whether values are bytes."""
    return (
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def _decode(
    array: pa.Array, name: str, check: RowCheck | OptionalCheck
) -> pa.Array:
    try:
        return array.cast(pa.string())
    except pa.ArrowInvalid:
        pass  # some cell is not UTF-8: find out which
    texts = []
    bad = np.zeros(len(array), bool)
    for row, value in enumerate(array.to_pylist()):
        try:
            texts.append(None if value is None else value.decode())
        except UnicodeDecodeError:
            texts.append(None)
            bad[row] = True
    check.reject(
        bad,
        f"not UTF-8: {name}",
        array,
        "Text must be UTF-8, or as `encoding` says.",
    )
    return pa.array(texts, pa.string())
