"""How well needs in words are answered: `python -m benchmarks.needs`."""
