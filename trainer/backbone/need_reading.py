"""Says whether a vocabulary can read what somebody wrote."""

from collections.abc import Callable
from collections.abc import Mapping

import keras_hub
import numpy as np
import tensorflow as tf

from trainer.backbone.scripts import find_known_scripts
from trainer.backbone.scripts import find_scripts
from trainer.backbone.scripts import strip_mark

_MIN_LETTERS = 2.0  # Latin letters of a token, in the mean: keys hit at random
# have fewer, 50 needs in English at least 2.4 (1.5 and 4.5 are usual)


class NeedReading:
    """Tells needs that the tokenizer cuts into words from all others.

    A vocabulary that has no words of a script holds some of its letters all
    the same: the model has learnt nothing of them, and its vector of such a
    text says nothing. So it is with letters in a row that are no words: they
    are cut into crumbs. Vocabularies of bytes cannot be judged; whatever they
    are given counts as read.
    """

    def __init__(self, tokenizer: keras_hub.tokenizers.Tokenizer):
        """Looks at all tokens once."""
        self._tokenizer = tokenizer
        self._counts = _count_letters(tokenizer)
        self._is_of_bytes = isinstance(
            tokenizer, keras_hub.tokenizers.BytePairTokenizer
        )

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Says which texts are read.

        Args:
            texts: string `[B]`.

        Returns:
            bool `[B]`: at least half of the words, by tokens, are read. False
            where there is no word at all.
        """
        if self._is_of_bytes:
            return tf.fill([tf.size(texts)], True)
        tokens = tf.cast(self._tokenizer(texts), tf.int32)
        counts = tf.gather(tf.constant(self._counts), tokens)
        read, unread, latin, letters = tf.unstack(
            tf.reduce_sum(counts, axis=1), axis=1
        )
        is_crumbs = letters < _MIN_LETTERS * latin
        read += tf.where(is_crumbs, 0.0, latin)
        unread += tf.where(is_crumbs, latin, 0.0)
        return (read > 0.0) & (read >= unread)


def drop_unread(
    request: Mapping[str, tf.Tensor], reads: Callable[[tf.Tensor], tf.Tensor]
) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """Takes needs out of requests that nobody could search by.

    Args:
        request: of a signature; `need` is string `[B]`.
        reads: says which needs are read, as `NeedReading`.

    Returns:
        The request with "" for such needs, and float32 `[B]`: 0 for these, 1
        for the others and where no need is said. That costs nothing.
    """
    need = request["need"]
    is_told = need != ""
    is_read = ~is_told | tf.cond(
        tf.reduce_any(is_told), lambda: reads(need), lambda: is_told
    )
    kept = tf.where(is_read, need, "")
    return {**request, "need": kept}, tf.cast(is_read, tf.float32)


def _count_letters(tokenizer) -> np.ndarray:
    """What each token counts, float32 `[V, 4]`.

    Columns: read, unread, in Latin, letters and digits in Latin. Signs and
    special tokens count nothing.
    """
    tokens = [strip_mark(str(one)) for one in tokenizer.get_vocabulary()]
    special = set(tokenizer.special_token_ids)
    known = find_known_scripts(tokens)
    counts = np.zeros([len(tokens), 4], np.float32)
    for number, token in enumerate(tokens):
        scripts = find_scripts(token)
        if number in special:
            pass
        elif not scripts <= known:
            counts[number, 1] = 1.0
        elif scripts == {"latin"}:
            counts[number, 2:] = 1.0, sum(map(str.isalnum, token))
        elif scripts or any(map(str.isdigit, token)):
            counts[number, 0] = 1.0
    for number in _list_unknown(tokenizer):
        counts[number] = 0.0, 1.0, 0.0, 0.0
    return counts


def _list_unknown(tokenizer) -> list[int]:
    """The token of what is not in the vocabulary; none where there is none."""
    if isinstance(tokenizer, keras_hub.tokenizers.WordPieceTokenizer):
        return [tokenizer.token_to_id(tokenizer.oov_token)]
    return (
        [tokenizer.unk_token_id] if hasattr(tokenizer, "unk_token_id") else []
    )
