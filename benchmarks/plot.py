"""A plot as SVG: what each route costs, by the number of posts, both on logarithmic scales."""

import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT = 860, 520
LEFT, RIGHT, TOP, BOTTOM = 60, 250, 30, 50
COLOURS = ["#1f6fb4", "#d1495b", "#2e8b57", "#8a5cc2", "#c77d0a", "#0f8b8d", "#7a7a7a", "#a03e99"]
DASHES = ["", "6 3"]


def drawn(sizes: Sequence[int], costs: Mapping[str, Sequence[float]]) -> str:
    """`costs`: milliseconds of each route, one for each of `sizes`."""
    every = [cost for line in costs.values() for cost in line]
    across = _scale(min(sizes), max(sizes), LEFT, WIDTH - RIGHT)
    up = _scale(_power(min(every), math.floor), _power(max(every), math.ceil), HEIGHT - BOTTOM, TOP)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"']
    parts[0] += ' font-family="sans-serif" font-size="12">'
    parts += [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>']
    parts += [_text(LEFT, 18, "Milliseconds for an answer that is built anew")]
    parts += [_text((WIDTH - RIGHT + LEFT) / 2, HEIGHT - 12, "public posts", "middle")]
    parts += [_grid(up(cost), f"{cost:g}") for cost in _decades(min(every), max(every))]
    parts += [_text(across(n), HEIGHT - BOTTOM + 18, f"{n:,}", "middle") for n in sizes]
    # The dearest first, as the lines end; apart, so that names do not lie on one another.
    order = sorted(costs, key=lambda name: -costs[name][-1])
    step = (HEIGHT - TOP - BOTTOM) / max(len(order), 1)
    for place, name in enumerate(order):
        points = [(across(n), up(cost)) for n, cost in zip(sizes, costs[name], strict=True)]
        parts += _line(name, points, place, TOP + step * (place + 0.5))
    return "\n".join([*parts, "</svg>", ""])


def _scale(low: float, high: float, start: float, end: float):
    span = math.log10(high / low) or 1
    return lambda value: start + (end - start) * math.log10(value / low) / span


def _power(value: float, rounded) -> float:
    return 10 ** rounded(math.log10(value))


def _decades(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [10**n for n in range(first, last + 1)]


def _grid(y: float, label: str) -> str:
    line = f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
    return line + _text(LEFT - 8, y + 4, label, "end")


def _line(name: str, points: Sequence[tuple[float, float]], place: int, y: float) -> list[str]:
    colour, dash = COLOURS[place % len(COLOURS)], DASHES[place // len(COLOURS) % len(DASHES)]
    drawing = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    end_x, end_y = points[-1]
    name_x = WIDTH - RIGHT + 40
    return [
        f'<path d="M{path}" {drawing}/>',
        f'<path d="M{end_x:.1f} {end_y:.1f}L{name_x - 6} {y:.1f}" stroke="{colour}" opacity=".4"/>',
        _text(name_x, y + 4, name, colour=colour),
    ]


def _text(x: float, y: float, said: str, anchor: str = "start", colour: str = "#333") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"'
    return f"<text {place}>{said}</text>"
