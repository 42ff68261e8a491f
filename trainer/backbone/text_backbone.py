"""The pretrained language model that encodes items and needs."""

import hashlib
import itertools
import json
from collections.abc import Sequence

import keras_hub
import numpy as np
import tensorflow as tf

from trainer.backbone.backbone_traits import compute_vocabulary_digest
from trainer.backbone.backbone_traits import get_input_names
from trainer.backbone.backbone_traits import get_tables
from trainer.backbone.backbone_traits import is_decoder
from trainer.backbone.modules import ScenarioAdapters
from trainer.backbone.modules.storage import BackboneModule
from trainer.backbone.modules.storage import load_modules
from trainer.backbone.modules.storage import save_modules
from trainer.backbone.need_reading import NeedReading
from trainer.backbone.preset import resolve_preset
from trainer.backbone.tokenization import Tokenization
from trainer.config import TextBackboneConfig


class TextBackbone:
    """A KerasHub backbone from raw strings to unit vectors.

    Encoders (BERT, RoBERTa, ...) are pooled by the mean over all tokens that
    are no padding. Decoders (GPT-2, Llama, ...) are pooled by their last
    token, the only one that has seen the whole text.

    KerasHub is Keras 3 and our towers are tf-keras, so an instance is neither
    a layer nor a `tf.Module`. To export `encode` inside a `tf.Module`, assign
    `variables` and `tables` to attributes of that module.

    Attributes:
        config: the settings it was loaded by.
        model: the KerasHub backbone.
        tokenizer: the KerasHub tokenizer.
        embedding_dim: width T of the vectors.
        modules: the added modules, see `carry`.
        variables: plain `tf.Variable`s of all weights and modules.
        tables: lookup tables of the tokenizer, empty for WordPiece.
        tokenize: texts of items, string `[B]` -> int32 `token_ids`,
            `padding_mask` `[B, N]`.
        encode: string `[B]` -> float32 `[B, T]`, unit length.
        encode_tokens: the same from what `tokenize` returns.
        encode_need: texts and scenarios, string `[B]` each -> float32
            `[B, T]`, the texts as queries: through the scenario adapters.
        reads: needs, string `[B]` -> bool `[B]`, see `NeedReading`.
    """

    def __init__(
        self,
        config: TextBackboneConfig,
        model: keras_hub.models.Backbone,
        tokenizer: keras_hub.tokenizers.Tokenizer,
    ):
        names = get_input_names(model)
        if not {"token_ids", "padding_mask"} <= names:
            raise ValueError(
                "The backbone must read `token_ids` and `padding_mask`, as"
                f" text encoders and decoders do. Received:"
                f" {type(model).__name__} with inputs {sorted(names)}."
            )
        self.config = config
        self.model = model
        self.tokenizer = tokenizer
        self._has_segments = "segment_ids" in names
        self._is_decoder = is_decoder(model)
        self._max_tokens = min(
            config.max_tokens,
            getattr(model, "max_sequence_length", config.max_tokens),
        )
        texts = [tf.TensorSpec([None], tf.string)]
        # A graph at once: it makes the lookup tables, and KerasHub's tokenizers
        # give lists where functions run eagerly.
        self._tokenization = tf.function(
            Tokenization(tokenizer, self._max_tokens, self._is_decoder),
            input_signature=texts,
        ).get_concrete_function()
        self.modules: list[BackboneModule] = []
        self.tokenize = tf.function(self._tokenize, input_signature=texts)
        self.tables = get_tables(tokenizer)
        self.reads = tf.function(
            NeedReading(tokenizer),
            input_signature=[tf.TensorSpec([None], tf.string)],
        )
        self.embedding_dim = int(_select_hidden(model.output).shape[-1])
        self._define_graphs()

    def carry(self, module: BackboneModule) -> None:
        """Adds a module to the computation and to exports.

        `encode` and the like become new functions, and `variables` a new list:
        references taken before do not see the module.

        Args:
            module: adapters or prompts of the blocks, or scenario adapters.
        """
        if not isinstance(module, ScenarioAdapters):
            module.attach(self.model)
        self.modules.append(module)
        self._define_graphs()

    def _define_graphs(self) -> None:
        texts = tf.TensorSpec([None], tf.string)
        ids = tf.TensorSpec([None, None], tf.int32)
        self.variables = [weight.value for weight in self.model.weights]
        self.variables += itertools.chain.from_iterable(
            module.variables for module in self.modules
        )
        self.encode = _compile(self._encode, [texts])
        self.encode_need = _compile(self._encode_need, [texts, texts])
        self.encode_tokens = _compile(self.compute_vectors, [ids, ids])

    @property
    def fingerprint(self) -> str:
        """Hex sha256 over all that decides the vectors, weights included."""
        digest = hashlib.sha256()
        settings = (self.model.get_config(), self.tokenizer.get_config())
        for one in settings:
            one.pop("name", None)  # Keras counts the layers of a process
        described = (
            type(self.model).__name__,
            *settings,
            self._max_tokens,
            self.config.item_prefix,
            self.config.need_prefix,
            self._is_decoder,
            *((module.KIND, module.settings) for module in self.modules),
        )
        digest.update(
            json.dumps(described, sort_keys=True, default=str).encode()
        )
        digest.update(compute_vocabulary_digest(self.tokenizer))
        for variable in self.variables:
            digest.update(variable.numpy().tobytes())
        return digest.hexdigest()

    def compute_vectors(
        self,
        token_ids: tf.Tensor,
        padding_mask: tf.Tensor,
        training: bool = False,
        model: keras_hub.models.Backbone | None = None,
    ) -> tf.Tensor:
        """Pools the backbone's output to one unit vector per text.

        Args:
            token_ids: int32 `[B, N]`.
            padding_mask: int32 `[B, N]`, 1 where there is a token.
            training: whether dropout is on.
            model: used instead of `self.model`: a copy that is being adapted.

        Returns:
            float32 `[B, T]`, each row of length 1.
        """
        inputs = {"token_ids": token_ids, "padding_mask": padding_mask}
        if self._has_segments:
            inputs["segment_ids"] = tf.zeros_like(token_ids)
        output = (model or self.model)(inputs, training=training)
        output = tf.cast(_select_hidden(output), tf.float32)
        if self._is_decoder:
            last = tf.maximum(tf.reduce_sum(padding_mask, axis=1) - 1, 0)
            pooled = tf.gather(output, last, axis=1, batch_dims=1)
        else:
            weights = tf.cast(padding_mask, tf.float32)[:, :, tf.newaxis]
            count = tf.maximum(tf.reduce_sum(weights, axis=1), 1.0)
            pooled = tf.reduce_sum(output * weights, axis=1) / count
        return tf.math.l2_normalize(pooled, axis=-1)

    def save_weights(self, path: str) -> None:
        """Writes the weights and modules, adapted ones included.

        Args:
            path: file that ends in `.weights.h5`.
        """
        self.model.save_weights(path)
        save_modules(path, self.modules)

    def load_weights(self, path: str) -> None:
        """Reads what `save_weights` wrote for the same preset.

        Raises:
            ValueError: modules are already carried.
        """
        if self.modules:
            raise ValueError(
                "Weights must be loaded into a backbone that carries no"
                f" modules yet. Received: {len(self.modules)} modules; load"
                " the preset again."
            )
        self.model.load_weights(path)
        for module in load_modules(path):
            self.carry(module)

    def _encode(self, texts: tf.Tensor) -> tf.Tensor:
        # Graphs that are called are traced once, not in each caller again.
        return self.encode_tokens(*self.tokenize(texts))

    def _encode_need(self, texts: tf.Tensor, scenarios: tf.Tensor) -> tf.Tensor:
        texts = self.config.need_prefix + texts
        vectors = self.encode_tokens(*self._tokenization(texts))
        for module in self.modules:
            if isinstance(module, ScenarioAdapters):
                vectors = module.apply(vectors, scenarios)
        return vectors

    def _tokenize(self, texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return self._tokenization(self.config.item_prefix + texts)


def _select_hidden(output):
    """The vectors of all tokens, `[B, N, T]`, of what a backbone returns."""
    return output["sequence_output"] if isinstance(output, dict) else output


def _compile(function, signature):
    # AutoGraph has nothing to do in a forward pass but to read it all.
    return tf.function(function, input_signature=signature, autograph=False)


def load_text_backbone(config: TextBackboneConfig) -> TextBackbone:
    """Loads the backbone and tokenizer that a config names.

    Args:
        config: its `preset` is a KerasHub preset name, a `scheme://` address,
            a local folder (Keras or Hugging Face style), or
            `package:<module>/<folder>` for one installed as a wheel.

    Returns:
        The backbone in inference mode.

    Raises:
        ValueError: there is no such preset, or it is no text model.
    """
    preset = resolve_preset(config.preset)
    # KerasHub keeps float32 weights as they are; half precision follows
    # keras's global policy, which we leave alone.
    model = keras_hub.models.Backbone.from_preset(preset)
    tokenizer = keras_hub.tokenizers.Tokenizer.from_preset(preset)
    return TextBackbone(config, model, tokenizer)


def encode_texts(
    backbone: TextBackbone, texts: Sequence[str], batch_size: int | None = None
) -> np.ndarray:
    """Encodes many texts, in batches of similar length.

    Texts are sorted by their number of tokens, so that each batch is padded
    to its own longest text and a short title never pays for a long one.

    Args:
        backbone: the encoder.
        texts: any number, in any order; may be empty.
        batch_size: texts at once; the backbone's own setting when None.

    Returns:
        float32 `[len(texts), T]`, in the order of `texts`.
    """
    batch_size = batch_size or backbone.config.batch_size
    vectors = np.empty((len(texts), backbone.embedding_dim), np.float32)
    if not len(texts):
        return vectors
    token_ids, padding_mask = backbone.tokenize(tf.constant(texts))
    token_ids, padding_mask = token_ids.numpy(), padding_mask.numpy()
    lengths = padding_mask.sum(axis=1)
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(texts), batch_size):
        rows = order[start : start + batch_size]
        width = max(lengths[rows[-1]], 1)
        vectors[rows] = backbone.encode_tokens(
            token_ids[rows, :width], padding_mask[rows, :width]
        )
    return vectors
