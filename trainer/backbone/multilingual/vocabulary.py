"""The pieces that a catalogue and its people need, as a SentencePiece model."""

import io
from collections.abc import Iterable
from collections.abc import Sequence

import numpy as np
import sentencepiece
from google.protobuf import descriptor_pb2
from google.protobuf import descriptor_pool
from google.protobuf import message_factory

from trainer.backbone.scripts import find_scripts

NUM_SPECIAL = 4  # <s>, <pad>, </s> and <unk> come first, <mask> last
_NORMAL, _UNKNOWN, _CONTROL = 1, 2, 3  # kinds of SentencePiece
_FIRST_PIECES = (("<unk>", _UNKNOWN), ("<s>", _CONTROL), ("</s>", _CONTROL))


def choose_pieces(
    pieces: Sequence[str],
    scores: np.ndarray,
    scripts: Iterable[str],
    words: Iterable[str] = (),
    texts: Iterable[str] = (),
) -> list[int]:
    """Chooses the pieces that stay: those of scripts, of lists, of texts.

    Digits and signs belong to every script.

    Args:
        pieces: by token id, special tokens among them.
        scores: float32 `[V]`, log probability of each piece.
        scripts: as `find_scripts` names them; all their pieces stay.
        words: pieces that stay, too.
        texts: what must be cut as before: the catalogue, as it is and in
            lower case.

    Returns:
        Token ids in their order, special tokens first and last.

    Raises:
        ValueError: the vocabulary knows no such script.
    """
    mask = len(pieces) - 1
    ordinary = range(NUM_SPECIAL, mask)
    found = {one: find_scripts(pieces[one]) for one in ordinary}
    scripts, words = set(scripts), set(words)
    missing = scripts - set().union(*found.values())
    if missing:
        raise ValueError(
            "`scripts` must be scripts of the vocabulary, such as 'cjk',"
            f" 'cyrillic' or 'latin'. Received: {sorted(missing)}."
        )
    chosen = _list_used(pieces, scores, texts)
    chosen.update(
        one for one in ordinary if found[one] <= scripts or pieces[one] in words
    )
    return [*range(NUM_SPECIAL), *sorted(chosen), mask]


def build_proto(pieces: Sequence[str], scores: np.ndarray) -> bytes:
    """Builds a serialised SentencePiece model.

    Args:
        pieces: by token id, special tokens first and <mask> last.
        scores: float32 `[V]`.

    Returns:
        A unigram model in the order that KerasHub's `XLMRobertaTokenizer`
        expects; it adds <pad> and <mask> itself.
    """
    model = _build_message_class().FromString(_train_on_nothing())
    del model.pieces[:]
    for piece, kind in _FIRST_PIECES:
        model.pieces.add(piece=piece, score=0.0, type=kind)
    for one in range(NUM_SPECIAL, len(pieces) - 1):
        model.pieces.add(piece=pieces[one], score=scores[one], type=_NORMAL)
    return model.SerializeToString()


def _list_used(pieces, scores, texts) -> set[int]:
    """Token ids that texts are cut into, whatever their script."""
    processor = sentencepiece.SentencePieceProcessor(
        model_proto=build_proto(pieces, scores)
    )
    texts = list(texts)
    texts += [text.lower() for text in texts]
    used = set()
    for ids in processor.encode(texts):
        used.update(one + 1 for one in ids if one >= len(_FIRST_PIECES))
    return used


def _train_on_nothing() -> bytes:
    """A model of some letters: what we need is how it normalises text."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c"]),
        model_writer=written,
        vocab_size=8,
        hard_vocab_limit=False,
        normalization_rule_name="nmt_nfkc",  # as XLM-RoBERTa
        minloglevel=2,
    )
    return written.getvalue()


def _build_message_class():
    """The pieces of SentencePiece's `ModelProto`; the rest stays unread.

    The class in the package wants a newer protobuf than TFX allows.
    """
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name="multilingual/pieces.proto", package="multilingual"
    )
    piece = file.message_type.add(name="Piece")
    kinds = (
        ("piece", field.TYPE_STRING),
        ("score", field.TYPE_FLOAT),
        ("type", field.TYPE_INT32),
    )
    for number, (name, kind) in enumerate(kinds, start=1):
        piece.field.add(
            name=name, number=number, type=kind, label=field.LABEL_OPTIONAL
        )
    file.message_type.add(name="Model").field.add(
        name="pieces",
        number=1,
        type=field.TYPE_MESSAGE,
        type_name=".multilingual.Piece",
        label=field.LABEL_REPEATED,
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName("multilingual.Model")
    )
