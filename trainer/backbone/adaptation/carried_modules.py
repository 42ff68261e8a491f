"""Methods that add a module to the backbone."""

from trainer.backbone.adaptation.adapted_model import AdaptedModel
from trainer.backbone.modules import BottleneckAdapters
from trainer.backbone.modules import SoftPrompts
from trainer.backbone.modules.transformer_blocks import copy_backbone
from trainer.backbone.modules.transformer_blocks import find_blocks
from trainer.backbone.text_backbone import TextBackbone


class CarriedModules(AdaptedModel):
    """A frozen copy of a backbone with a trained module attached."""

    def __init__(
        self,
        backbone: TextBackbone,
        module: BottleneckAdapters | SoftPrompts,
        seed: int,
    ):
        copy = copy_backbone(backbone.model, seed)
        module.attach(copy)
        super().__init__(copy, module.variables)
        self._module = module

    def merge(self, backbone: TextBackbone) -> None:
        """Adds the module to the backbone."""
        backbone.carry(self._module)


def add_adapters(
    backbone: TextBackbone, bottleneck_dim: int, seed: int
) -> CarriedModules:
    """Trains bottlenecks in each block; see `BottleneckAdapters`."""
    model = backbone.model
    module = BottleneckAdapters(
        len(find_blocks(model)), model.hidden_dim, bottleneck_dim, seed
    )
    return CarriedModules(backbone, module, seed)


def add_prompts(
    backbone: TextBackbone, prompt_length: int, seed: int
) -> CarriedModules:
    """Trains vectors before the tokens; see `SoftPrompts`."""
    model = backbone.model
    module = SoftPrompts(
        len(find_blocks(model)), model.hidden_dim, prompt_length
    )
    module.start_from_tokens(model, seed)
    return CarriedModules(backbone, module, seed)
