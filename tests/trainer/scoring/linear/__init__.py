"""Tests of the linear item-item models."""
