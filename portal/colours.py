"""The supplier's colour made readable: with the text on it, and on what is behind it."""

import colorsys

# WCAG 2.2: text needs this against what is behind it.
ENOUGH = 4.5


def readable(colour: str, behind: str, *, darker: bool) -> str:
    """The same hue, moved as little as it takes to stand out from `behind`."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    while contrast(colour, behind) < ENOUGH and 0 < lightness < 1:
        lightness += -0.02 if darker else 0.02
        colour = _hex(colorsys.hls_to_rgb(hue, min(1, max(0, lightness)), saturation))
    return colour


def text_on(colour: str) -> str:
    return max(("#ffffff", "#0c1116"), key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2: from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _hex(channels: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(min(1, max(0, c)) * 255):02x}" for c in channels)
