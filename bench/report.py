"""The table: each figure, its bound, ours, and the nearest existing system's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line. `met` is None where there is no bound."""

    name: str
    bound: str
    ours: str
    met: bool | None
    nearest: str = ""


def table(figures: list[Figure]) -> str:
    """The lines below each other."""
    rows = [("", "Figure", "Bound", "Ours", "Nearest existing system")]
    for figure in figures:
        mark = " " if figure.met is None else "+" if figure.met else "!"
        rows.append((mark, figure.name, figure.bound, figure.ours, figure.nearest))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
