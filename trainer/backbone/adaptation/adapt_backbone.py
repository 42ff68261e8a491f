"""The training loop of all methods of adaptation."""

import contextlib
import logging
import math
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from trainer.backbone.adaptation.adalora import AdaLoraModel
from trainer.backbone.adaptation.adapted_model import AdaptedModel
from trainer.backbone.adaptation.carried_modules import add_adapters
from trainer.backbone.adaptation.carried_modules import add_prompts
from trainer.backbone.adaptation.checkpointing import checkpoint_blocks
from trainer.backbone.adaptation.contrastive_step import ContrastiveStep
from trainer.backbone.adaptation.lora import LoraModel
from trainer.backbone.adaptation.text_pairs import TextPair
from trainer.backbone.adaptation.tuned_weights import tune_all
from trainer.backbone.adaptation.tuned_weights import tune_top_layers
from trainer.backbone.modules import ScenarioAdapters
from trainer.backbone.text_backbone import TextBackbone
from trainer.config import AdaptationConfig

_LOGGER = logging.getLogger(__name__)
_NUM_LOGGED = 10  # lines a training writes to the log


class _Method(NamedTuple):
    """A method's constructor, and its default learning rate."""

    start: Callable[[TextBackbone, AdaptationConfig, int], AdaptedModel]
    learning_rate: float


# To add a method, add a line here and in `AdaptationConfig.method`.
# Rates: the best of two to four by `benchmarks.adaptation --validation`.
_METHODS = {
    "frozen": _Method(
        lambda backbone, config, seed: AdaptedModel(backbone.model), 1e-3
    ),
    "top_layers": _Method(
        lambda backbone, config, seed: tune_top_layers(
            backbone, config.num_top_layers, seed
        ),
        1e-4,
    ),
    "full": _Method(
        lambda backbone, config, seed: tune_all(backbone, seed), 1e-4
    ),
    "lora": _Method(
        lambda backbone, config, seed: LoraModel(
            backbone, config.lora_rank, seed
        ),
        3e-3,
    ),
    "adalora": _Method(
        lambda backbone, config, seed: AdaLoraModel(backbone, config, seed),
        1e-2,
    ),
    "adapter": _Method(
        lambda backbone, config, seed: add_adapters(
            backbone, config.adapter_dim, seed
        ),
        1e-3,
    ),
    "prefix": _Method(
        lambda backbone, config, seed: add_prompts(
            backbone, config.prompt_length, seed
        ),
        1e-2,
    ),
}


@dataclass(frozen=True, kw_only=True)
class AdaptationReport:
    """Result of an adaptation.

    Attributes:
        method: its name in the config.
        num_trainable_parameters: 0 for a frozen backbone; scenario adapters
            included.
        losses: contrastive loss of each step, in nats, with the method's own
            penalty.
    """

    method: str
    num_trainable_parameters: int
    losses: tuple[float, ...]


def adapt_backbone(
    backbone: TextBackbone,
    pairs: Sequence[TextPair],
    config: AdaptationConfig,
    seed: int,
    writer: tf.summary.SummaryWriter | None = None,
    on_step: Callable[[int, float], None] | None = None,
) -> AdaptationReport:
    """Trains the backbone in place so that paired texts come close.

    Args:
        backbone: changed only at the end of the training. Graphs traced over it
            before do not see the new modules.
        pairs: in any order.
        config: method and its settings.
        seed: of the batches, the dropout and the start of new weights.
        writer: takes the loss of each step as `adaptation/loss`.
        on_step: called with (steps done, loss) after each step.

    Returns:
        The result. `frozen` without scenario adapters does nothing and needs no
        pairs.

    Raises:
        ValueError: fewer than two pairs, pairs without a scenario where
            scenario adapters are to learn from them, or a backbone that the
            method cannot adapt or that was adapted before.
        FloatingPointError: the loss is not finite; the backbone is as it was.
    """
    if not config.is_learning:
        return AdaptationReport(
            method=config.method, num_trainable_parameters=0, losses=()
        )
    if len(pairs) < 2:
        raise ValueError(
            "Adaptation must have at least 2 text pairs, for each is the"
            f" other's negative. Received: {len(pairs)} pairs. Set"
            " `adaptation.method` to 'frozen' when there is too little"
            " behaviour to learn from."
        )
    if backbone.modules:
        raise ValueError(
            "A backbone must carry no modules when its adaptation begins."
            f" Received: {len(backbone.modules)} modules; load the preset"
            " again."
        )
    method = _METHODS[config.method]
    scenario_adapters = _build_scenario_adapters(backbone, pairs, config, seed)
    adapted = method.start(backbone, config, seed)
    step = ContrastiveStep(
        backbone,
        adapted,
        scenario_adapters,
        tf.keras.optimizers.AdamW(
            config.learning_rate or method.learning_rate,
            weight_decay=0.01,
            clipnorm=1.0,
        ),
        config.temperature,
        pairs,
    )
    count = sum(int(np.prod(variable.shape)) for variable in step.variables)
    _LOGGER.info(
        "Adaptation %s: %d parameters learn from %d text pairs.",
        config.method,
        count,
        len(pairs),
    )
    losses = []
    with _checkpointing(adapted, config):
        for batch in _draw_batches(pairs, config, seed):
            losses.append(step(batch, config.accumulation_steps))
            _check_loss(losses, config, method)
            _report_step(len(losses), losses[-1], config, writer)
            if on_step:
                on_step(len(losses), losses[-1])
    adapted.merge(backbone)
    if scenario_adapters:
        backbone.carry(scenario_adapters)
    return AdaptationReport(
        method=config.method,
        num_trainable_parameters=count,
        losses=tuple(losses),
    )


def _build_scenario_adapters(backbone, pairs, config, seed):
    if not config.scenario_adapter_dim:
        return None
    scenarios = sorted({pair.scenario for pair in pairs} - {""})
    if not scenarios:
        raise ValueError(
            "Scenario adapters must have pairs that name a scenario. Received:"
            f" {len(pairs)} pairs, none of which does. Map a scenario in the"
            " dataset or set `adaptation.scenario_adapter_dim` to 0."
        )
    return ScenarioAdapters(
        scenarios, backbone.embedding_dim, config.scenario_adapter_dim, seed
    )


def _checkpointing(adapted, config):
    if config.gradient_checkpointing:
        return checkpoint_blocks(adapted.model)
    return contextlib.nullcontext()


def _draw_batches(
    pairs: Sequence[TextPair], config: AdaptationConfig, seed: int
) -> Iterator[list[TextPair]]:
    """Yields `num_steps` batches; each pass over the pairs is shuffled."""
    size = min(config.batch_size, len(pairs))
    random = np.random.default_rng(seed)
    waiting: list[int] = []
    for _ in range(config.num_steps):
        if len(waiting) < size:
            waiting = random.permutation(len(pairs)).tolist()
        yield [pairs[waiting.pop()] for _ in range(size)]


def _check_loss(
    losses: Sequence[float], config: AdaptationConfig, method: _Method
) -> None:
    if math.isfinite(losses[-1]):
        return
    rate = config.learning_rate or method.learning_rate
    raise FloatingPointError(
        "Adaptation of the backbone must keep its loss finite. Received:"
        f" loss={losses[-1]} at step {len(losses)} of {config.num_steps}, with"
        f" method={config.method}, learning_rate={rate:g}, temperature="
        f"{config.temperature:g}. Lower `trainer.adaptation.learning_rate`, by"
        " a factor of 10 to begin with."
    )


def _report_step(
    step: int,
    loss: float,
    config: AdaptationConfig,
    writer: tf.summary.SummaryWriter | None,
) -> None:
    if writer:
        with writer.as_default(step=step):
            tf.summary.scalar("adaptation/loss", loss)
    every = max(config.num_steps // _NUM_LOGGED, 1)
    if step % every == 0 or step == config.num_steps:
        _LOGGER.info(
            "Adaptation step %d of %d: loss %.4f", step, config.num_steps, loss
        )
