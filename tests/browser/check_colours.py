#!/usr/bin/env python3
"""Lines that share a figure can be told apart by everybody: by normal eyes and by those without one of the three cones.

    check_colours.py PAGE.CSS

Colours c1 to c7 and `rest` of every theme are turned into what a reader sees (Machado, Oliveira and Fernandes 2009, full
severity), then the CIE 1976 distance of every pair in Lab must be at least 12; about 2.3 is just noticed. Lines must stand out
from the paper by a contrast of 3 (WCAG 2.1, 1.4.11).
"""
import itertools
import math
import re
import sys

SIGHTS = {
    "normal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
WHITE = (0.9505, 1.0, 1.0890)


def linear(colour):
    """#rrggbb as linear light."""
    shares = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector)) for row in matrix]


def lab(light):
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116
               for v in (a / b for a, b in zip(times(TO_XYZ, light), WHITE)))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def contrast(one, other):
    dark, bright = sorted(times(TO_XYZ, linear(colour))[1] for colour in (one, other))
    return (bright + 0.05) / (dark + 0.05)


def main(path):
    with open(path, encoding="utf-8") as file:
        themes = [dict(re.findall(r"--(c\d|rest|paper): (#[0-9a-f]{6})", block)) for block in file.read().split("@media")]
    themes = [theme for theme in themes if "c1" in theme]
    assert len(themes) == 3 and all(len(theme) == 9 for theme in themes), themes
    for theme in themes:
        paper = theme.pop("paper")
        for sight, matrix in SIGHTS.items():
            seen = {name: lab([min(1, max(0, v)) for v in times(matrix, linear(colour))]) for name, colour in theme.items()}
            for one, other in itertools.combinations(seen, 2):
                apart = math.dist(seen[one], seen[other])
                assert apart >= 12, f"{one} {theme[one]} and {other} {theme[other]} are {apart:.1f} apart under {sight}"
        for name, colour in theme.items():
            assert name == "rest" or contrast(colour, paper) >= 3, f"{name} {colour} on {paper}"
    print("colours: every pair can be told apart")


if __name__ == "__main__":
    main(*sys.argv[1:])
