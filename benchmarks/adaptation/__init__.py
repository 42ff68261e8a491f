"""Costs and gains of adapting the backbone."""
