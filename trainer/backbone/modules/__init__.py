"""Trained modules that are added to a backbone."""

from trainer.backbone.modules.bottleneck_adapters import BottleneckAdapters
from trainer.backbone.modules.scenario_adapters import ScenarioAdapters
from trainer.backbone.modules.soft_prompts import SoftPrompts

__all__ = ["BottleneckAdapters", "ScenarioAdapters", "SoftPrompts"]
