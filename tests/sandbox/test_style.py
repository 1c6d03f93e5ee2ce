"""The stylesheet keeps its promises about contrast, in light and in dark."""

import re

import pytest

from mailup_oauth.sandbox.style import STYLE

COLOURS = re.compile(r"--([a-z-]+):(#[0-9a-f]{3,6})[;}]")
INK = ["ink paper", "ink card", "ink tint", "soft paper", "soft card", "brand card", "brand-ink brand", "good card"]
INK += ["bad card", "bad bad-tint", "brand tint", "brand paper"]
EDGES = ["edge card", "edge paper", "focus card", "focus paper", "bad paper"]


def luminance(colour):
    """Return the relative luminance of a colour, WCAG 2.2 section 1.4.3."""
    digits = colour[1:] if len(colour) == 7 else "".join(one * 2 for one in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, two):
    """Return how far two colours are apart, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(two)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("pairs", "least"), [(INK, 4.5), (EDGES, 3)])
@pytest.mark.parametrize("dark", [False, True])
def test_colours_are_far_enough_apart(pairs, least, dark):
    """In light and in dark, text keeps 4.5 to 1 to its ground, and edges and focus keep 3 to 1."""
    light, _, rest = STYLE.partition("@media(prefers-color-scheme:dark)")
    found = dict(COLOURS.findall(rest.partition("}}")[0] + "}" if dark else light))
    short = {pair: contrast(*(found[name] for name in pair.split())) for pair in pairs}

    assert {} == {pair: ratio for pair, ratio in short.items() if ratio < least}
