"""Finds the items of largest score without scoring every one of them."""
