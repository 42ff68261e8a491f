"""Turns a Llama-like GGUF file into a folder that KerasHub loads."""

import json
import pathlib

import numpy as np

_NAMES = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
}
_CONTROL = 3  # token type of GGUF


def write_preset(gguf_path: str, folder: str) -> None:
    """Writes config, weights and tokenizer in Hugging Face style.

    Args:
        gguf_path: a file of architecture `llama` with a byte-pair tokenizer
            and tied embeddings; quantised weights become float32.
        folder: made if need be.
    """
    from gguf import GGUFReader
    from gguf import dequantize
    from safetensors.numpy import save_file

    reader = GGUFReader(gguf_path)

    def get(key):
        return reader.fields[key].contents()

    num_heads = int(get("llama.attention.head_count"))
    num_key_heads = int(get("llama.attention.head_count_kv"))
    heads = {"attn_q": num_heads, "attn_k": num_key_heads}
    weights = {}
    for tensor in reader.tensors:
        value = dequantize(tensor.data, tensor.tensor_type)
        *block, name, _ = tensor.name.split(".")
        if name in heads:
            value = _undo_permutation(value, heads[name])
        place = f"model.layers.{block[1]}." if block else ""
        weights[f"{place}{_NAMES[name]}.weight"] = np.ascontiguousarray(
            value, np.float32
        )
    path = pathlib.Path(folder)
    path.mkdir(exist_ok=True, parents=True)
    save_file(weights, str(path / "model.safetensors"))
    tokens = get("tokenizer.ggml.tokens")
    kinds = get("tokenizer.ggml.token_type")
    _write(
        folder,
        "config.json",
        {
            "model_type": "llama",
            "vocab_size": len(tokens),
            "num_hidden_layers": int(get("llama.block_count")),
            "num_attention_heads": num_heads,
            "num_key_value_heads": num_key_heads,
            "hidden_size": int(get("llama.embedding_length")),
            "intermediate_size": int(get("llama.feed_forward_length")),
            "rope_theta": float(get("llama.rope.freq_base")),
            "tie_word_embeddings": True,
        },
    )
    vocabulary = {token: number for number, token in enumerate(tokens)}
    merges = list(get("tokenizer.ggml.merges"))
    _write(
        folder,
        "tokenizer.json",
        {
            "model": {"type": "BPE", "vocab": vocabulary, "merges": merges},
            "added_tokens": [
                {"id": number, "content": token, "special": True}
                for number, (token, kind) in enumerate(
                    zip(tokens, kinds, strict=True)
                )
                if kind == _CONTROL
            ],
        },
    )
    _write(
        folder,
        "tokenizer_config.json",
        {
            "tokenizer_class": "GPT2Tokenizer",
            "bos_token": tokens[int(get("tokenizer.ggml.bos_token_id"))],
            "eos_token": tokens[int(get("tokenizer.ggml.eos_token_id"))],
        },
    )


def _undo_permutation(value, num_heads):
    """Brings the rows of a rotary projection back to Hugging Face's order."""
    rows, columns = value.shape
    shape = (num_heads, rows // num_heads // 2, 2, columns)
    return value.reshape(shape).swapaxes(1, 2).reshape(rows, columns)


def _write(folder, name, value):
    with (pathlib.Path(folder) / name).open("w") as file:
        json.dump(value, file)
