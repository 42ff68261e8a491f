"""README and docs: short, with links that resolve and commands that exist."""

import re
import shlex
from pathlib import Path

import pytest

from pipeline.commands.cli_parser import build_parser

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]
)
MAX_README_LINES = 299

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.M | re.S)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_ANCHOR = re.compile(r"\]\(([^)#\s]*)#([^)]*)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.M)
_STARTS = ("make", "tastemaker", "python", ".venv/bin/python")


def _find_commands(page):
    """Returns the words of each command in shell blocks and inline code."""
    text = page.read_text()
    lines = []
    for language, block in _FENCE.findall(text):
        if language == "sh":
            lines += block.replace("\\\n", " ").splitlines()
    lines += re.findall(r"`([^`]+)`", _FENCE.sub("", text))
    commands = []
    for line in lines:
        first = line.split(maxsplit=1)
        if len(first) == 2 and first[0] in _STARTS:
            commands.append(shlex.split(line, comments=True))
    return [words for words in commands if len(words) > 1]


def _cases(start):
    return [
        pytest.param(words, id=f"{page.name}: {' '.join(words)}")
        for page in PAGES
        for words in _find_commands(page)
        if words[0].endswith(start)
    ]


def _source_of(module):
    """Returns the text of a runnable module and of its package."""
    path = ROOT / module.replace(".", "/")
    if (path / "__main__.py").exists():
        return "".join(p.read_text() for p in path.rglob("*.py"))
    return path.with_suffix(".py").read_text()


def test_readme_has_less_than_300_lines():
    lines = (ROOT / "README.md").read_text().splitlines()
    assert len(lines) <= MAX_README_LINES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_lead_to_a_file(page):
    targets = _LINK.findall(page.read_text())
    missing = [
        target
        for target in targets
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_anchors_lead_to_a_heading(page):
    for target, anchor in _ANCHOR.findall(page.read_text()):
        if "://" in target:
            continue
        linked = page.parent / target if target else page
        headings = _HEADING.findall(linked.read_text())
        names = [re.sub(r"[^\w -]", "", one).lower() for one in headings]
        assert anchor in [name.replace(" ", "-") for name in names]


def test_every_page_of_docs_is_linked_from_another_page():
    linked = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in _LINK.findall(page.read_text())
    }
    assert set(ROOT.glob("docs/*.md")) - linked == set()


def test_folders_that_contributing_names_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    layout = next(block for _, block in _FENCE.findall(text) if "/  " in block)
    names = re.findall(r"(?<![\w/])([a-z_]+)/(?![\w])", layout)
    assert {"trainer", "model_server", "charts"} <= set(names)
    folders = {path.name for path in ROOT.rglob("*/") if path.is_dir()}
    assert set(names) - folders == set()


@pytest.mark.parametrize("words", _cases("tastemaker"))
def test_tastemaker_command_can_be_typed(words, capsys):
    if len(words) > 2:
        assert build_parser().parse_args(words[1:]).command == words[1]
        return
    with pytest.raises(SystemExit) as end:  # a command by its name alone
        build_parser().parse_args([words[1], "--help"])
    assert end.value.code == 0, capsys.readouterr().err


@pytest.mark.parametrize("words", _cases("make"))
def test_make_target_exists(words):
    targets = [word for word in words[1:] if "=" not in word]
    makefile = (ROOT / "Makefile").read_text()
    known = set(re.findall(r"^([\w-]+):", makefile, re.M))
    assert set(targets) - known == set()


@pytest.mark.parametrize("words", _cases("python"))
def test_module_and_its_options_exist(words):
    assert words[1] == "-m"
    if not (ROOT / words[2].partition(".")[0]).is_dir():
        return  # a tool of its own, such as pytest
    source = _source_of(words[2])
    options = [
        word.partition("=")[0].removeprefix("--")
        for word in words[3:]
        if word.startswith("--")
    ]
    assert [option for option in options if option not in source] == []


def test_each_kind_of_command_is_found_in_the_readme():
    starts = {words[0] for words in _find_commands(ROOT / "README.md")}
    assert starts == {"make", "tastemaker", "python"}
