"""Estimates the value of a new policy from logs of another."""
