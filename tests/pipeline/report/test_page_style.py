"""Text is read in light and in dark."""

import re

from pipeline.report.page_style import STYLE


def test_page_has_colours_for_light_and_for_dark():
    light, dark = STYLE.split("prefers-color-scheme: dark", 1)
    names = set(re.findall(r"(--\w+): #", light))
    assert {"--ink", "--paper", "--s0", "--s7"} <= names
    assert set(re.findall(r"(--\w+): #", dark)) == names


def test_text_stands_out_from_the_page_in_light_and_in_dark():
    # WCAG 2.1, 1.4.3 and 1.4.11: 4.5 for text, 3 for what figures are made of.
    for scheme in STYLE.split("prefers-color-scheme: dark", 1):
        colors = dict(re.findall(r"--(\w+): #([0-9a-f]{6})", scheme))
        for name, color in colors.items():
            if name in ("rule", "plate", "paper"):
                continue
            least = 3.0 if re.fullmatch(r"s\d", name) else 4.5
            contrast = _compute_contrast(color, colors["paper"])
            assert contrast >= least, (name, contrast)


def _compute_contrast(one, other):
    lights = sorted(_compute_light(color) for color in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _compute_light(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4
        for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
