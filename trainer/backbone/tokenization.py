"""Cuts texts into the token ids of a backbone."""

import keras_hub
import tensorflow as tf


class Tokenization:
    """From strings to padded token ids, special tokens included."""

    def __init__(
        self,
        tokenizer: keras_hub.tokenizers.Tokenizer,
        max_tokens: int,
        is_decoder: bool,
    ):
        """Reads the special tokens.

        Args:
            tokenizer: of the backbone.
            max_tokens: longer texts are cut.
            is_decoder: a closing token would be the last token, and means "a
                new text begins": there is none.
        """
        self._tokenizer = tokenizer
        self._max_tokens = max_tokens
        self._start = getattr(tokenizer, "start_token_id", None)
        self._end = getattr(tokenizer, "end_token_id", None)
        if is_decoder:
            self._end = None
        self._pad = getattr(tokenizer, "pad_token_id", None) or 0

    def __call__(self, texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Cuts texts into ids, padded to the longest of the batch only.

        Args:
            texts: string `[B]`.

        Returns:
            `token_ids` and `padding_mask`, int32 `[B, N]`, 1 <= N <= T max.
        """
        tokens = tf.cast(self._tokenizer(texts), tf.int32)
        num_special = (self._start is not None) + (self._end is not None)
        tokens = tokens[:, : self._max_tokens - num_special]
        parts = [tokens]
        column = tf.ones([tf.size(texts), 1], tf.int32)
        if self._start is not None:
            parts.insert(0, column * self._start)
        if self._end is not None:
            parts.append(column * self._end)
        tokens = tf.concat(parts, axis=1)
        lengths = tf.cast(tokens.row_lengths(), tf.int32)
        # A batch of empty texts keeps one padded column: no empty tensors.
        width = tf.maximum(tf.reduce_max(tf.concat([lengths, [1]], 0)), 1)
        token_ids = tokens.to_tensor(self._pad)
        missing = width - tf.shape(token_ids)[1]
        token_ids = tf.pad(
            token_ids, [[0, 0], [0, missing]], constant_values=self._pad
        )
        padding_mask = tf.sequence_mask(lengths, width, tf.int32)
        return token_ids, padding_mask
