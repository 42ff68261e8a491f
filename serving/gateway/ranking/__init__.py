"""The final order of a slate: blend, rules, diversity and exploration."""
