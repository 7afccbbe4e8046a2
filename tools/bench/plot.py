# SPDX-License-Identifier: Apache-2.0
#
# Line plots as SVG: a series is a name, a colour, and points; a series with one value for every x is drawn as a dashed
# line across. Numbers are written with one digit at most, so that the same figures give the same file.

import html

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 50, 60
STEPS = (1, 2, 2.5, 5, 10)
NEAREST_LABELS = 15   # between the names of two lines


def ceiling(highest):
    """(top of the axis, distance of its lines): at most six round steps that cover `highest`."""
    power = 1
    while True:
        for step in STEPS:
            if step * power * 6 >= highest:
                count = int(-(-highest // (step * power)))
                return step * power * count, step * power
        power *= 10


def text(x, y, words, anchor="middle", extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{extra}>{html.escape(words)}</text>'


class Plot:
    def __init__(self, title, x_title, ticks):
        self.title, self.x_title, self.ticks, self.series = title, x_title, ticks, []

    def add(self, name, colour, values, everywhere=False):
        """`values`: one for each tick, None where there is none; or a single one for all."""
        self.series.append((name, colour, [values] * len(self.ticks) if everywhere else values, everywhere))

    def x(self, index):
        return LEFT + (WIDTH - LEFT - RIGHT) * index / (len(self.ticks) - 1)

    def y(self, value):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.top

    def draw_line(self, colour, values, everywhere):
        points = [(self.x(i), self.y(value)) for i, value in enumerate(values) if value is not None]
        dash = ' stroke-dasharray="6 4"' if everywhere else ""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'
        if not everywhere:
            yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in points)

    def draw_names(self):
        """At the right end of each line, moved apart where they would overlap."""
        ends = sorted((self.y([v for v in values if v is not None][-1]), name, colour, values) for name, colour, values, _ in self.series)
        above = -NEAREST_LABELS
        for y, name, colour, values in ends:
            above = max(y, above + NEAREST_LABELS)
            last = [v for v in values if v is not None][-1]
            yield text(WIDTH - RIGHT + 12, above + 4, f"{name}: {last:,.0f}".replace(",", " "), "start", f' fill="{colour}"')

    def svg(self):
        highest = max(value for _, _, values, _ in self.series for value in values if value is not None)
        self.top, step = ceiling(highest)
        out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
               'font-family="DejaVu Sans, Verdana, sans-serif" font-size="13">',
               "<!-- SPDX-License-Identifier: Apache-2.0 -->", "<!-- Made by tools/bench/page.py. -->",
               f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
               text(LEFT, 26, self.title, "start", ' font-weight="bold"')]
        for i in range(round(self.top / step) + 1):
            y = self.y(i * step)
            out.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#dddddd"/>')
            out.append(text(LEFT - 8, y + 4, f"{i * step:,.0f}".replace(",", " "), "end"))
        for i, tick in enumerate(self.ticks):
            out.append(text(self.x(i), HEIGHT - BOTTOM + 20, str(tick)))
        out.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, self.x_title))
        for _, colour, values, everywhere in self.series:
            out.extend(self.draw_line(colour, values, everywhere))
        out.extend(self.draw_names())
        return "\n".join(out + ["</svg>", ""])
