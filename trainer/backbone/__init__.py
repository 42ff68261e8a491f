"""The pretrained text backbone: preset, encoder, adaptation."""
