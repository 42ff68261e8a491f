"""Adapts the backbone to behaviour: paired texts get similar vectors."""

from trainer.backbone.adaptation.adapt_backbone import AdaptationReport
from trainer.backbone.adaptation.adapt_backbone import adapt_backbone
from trainer.backbone.adaptation.behavior_windows import read_behavior_windows
from trainer.backbone.adaptation.text_pairs import BehaviorWindow
from trainer.backbone.adaptation.text_pairs import TextPair
from trainer.backbone.adaptation.text_pairs import build_text_pairs

__all__ = [
    "AdaptationReport",
    "BehaviorWindow",
    "TextPair",
    "adapt_backbone",
    "build_text_pairs",
    "read_behavior_windows",
]
