"""The colours of the pages can be read, in light and in dark (WCAG 2.2 sections 1.4.3 and 1.4.11)."""

import re

import pytest

from mailup_oauth.adapters.web.style import STYLE

TEXT, EDGE = 4.5, 3.0
"""To one."""


def palettes():
    """Return the colours of the light and of the dark page, by their names."""
    light, dark = re.findall(r":root\{([^}]*)\}", STYLE)
    found = [dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{3,6})", part)) for part in (light, dark)]
    return {"light": found[0], "dark": {**found[0], **found[1]}}


def luminance(colour):
    """Return the relative luminance of a colour (WCAG 2.2, "relative luminance")."""
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """Return the contrast of two colours, as so many to one."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


PAIRS = [
    ("ink", "paper", TEXT),
    ("ink", "card", TEXT),
    ("soft", "card", TEXT),
    ("soft", "paper", TEXT),
    ("brand", "card", TEXT),
    ("brand", "paper", TEXT),
    ("brand-ink", "brand", TEXT),
    ("good", "good-tint", TEXT),
    ("bad", "bad-tint", TEXT),
    ("good", "card", TEXT),
    ("bad", "card", TEXT),
    ("good", "paper", TEXT),
    ("bad", "paper", TEXT),
    ("ink", "good-tint", TEXT),
    ("edge", "card", EDGE),
    ("edge", "paper", EDGE),
    ("focus", "card", EDGE),
    ("focus", "paper", EDGE),
]


@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
@pytest.mark.parametrize("light", ["light", "dark"])
def test_every_pair_of_colours_can_be_told_apart(ink, ground, least, light):
    """Text stands out from its ground, and so do the edges of controls and the mark of the focus."""
    colours = palettes()[light]

    assert contrast(colours[ink], colours[ground]) >= least


def test_the_judge_of_contrast_knows_black_and_white():
    """Black on white is 21 to 1, a colour on itself 1 to 1, and the grey that everybody quotes 4.54 to 1."""

    assert [21.0, 1.0, 4.54] == [
        round(contrast(*pair), 2) for pair in (("#000", "#fff"), ("#777", "#777"), ("#767676", "#fff"))
    ]


def test_every_colour_of_the_light_page_has_one_of_the_dark_page():
    """Nothing that is made for one ground is left on the other."""
    light, dark = re.findall(r":root\{([^}]*)\}", STYLE)

    assert set(re.findall(r"--([a-z-]+):", light)) == set(re.findall(r"--([a-z-]+):", dark))
