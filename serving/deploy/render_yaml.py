"""YAML in a form that is easy to read."""

from collections.abc import Iterable
from collections.abc import Mapping

import yaml


class _Dumper(yaml.SafeDumper):
    """Writes multi-line texts as blocks, and no references."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = "|" if "\n" in text else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _Dumper.represent_text)


def render_yaml(documents: Iterable[Mapping]) -> str:
    """Writes documents one after the other, their keys in the order given."""
    return yaml.dump_all(documents, Dumper=_Dumper, sort_keys=False, width=1000)
