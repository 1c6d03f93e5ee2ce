"""What was measured, as a table for people, as JSON for programs, and as pictures."""

import json
from pathlib import Path

import matplotlib as mpl
from attrs import asdict, field, frozen
from matplotlib import pyplot as plt

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "mailup_oauth"  # the same picture for the same figures


@frozen(kw_only=True)
class Row:
    """
    One measurement.

    Attributes:
        what: Whose, or of what.
        value: The figure.
        unit: Its unit.
        goal: What it must be; empty for peers and baselines.
        met: Whether it is; true where there is no goal.
        note: What else a reader must know.
    """

    what: str
    value: float
    unit: str
    goal: str = ""
    met: bool = True
    note: str = ""


def row(what: str, value: float, unit: str, *, at_most: float | None = None, **words: str) -> Row:
    """Return a row whose goal is met if its value is at most so much."""
    return Row(what=what, value=value, unit=unit, met=at_most is None or value <= at_most, **words)


@frozen(kw_only=True)
class Section:
    """One question, and its rows; *picture* says whether bars of them tell anything."""

    title: str
    rows: tuple[Row, ...]
    picture: bool = True
    remark: str = field(default="")


def table(sections: tuple[Section, ...], about: str) -> str:
    """Return everything as Markdown."""
    parts = ["# What it costs, beside what others cost", "", about, ""]
    for section in sections:
        parts += [f"## {section.title}", ""]
        parts += [section.remark, ""] if section.remark else []
        parts += ["| | figure | goal | |", "|---|--:|---|---|"]
        parts += [_line(row) for row in section.rows]
        parts += ["", f"![{section.title}]({_name(section)})", ""] if section.picture else [""]
    return "\n".join(parts)


def _line(row: Row) -> str:
    verdict = ("met" if row.met else "**missed**") if row.goal else ""
    return f"| {row.what} | {_figure(row.value)} {row.unit} | {row.goal} | {f'{verdict} {row.note}'.strip()} |"


def _figure(value: float) -> str:
    """Return three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _name(section: Section) -> str:
    words = "".join(character if character.isalnum() else " " for character in section.title.lower()).split()
    return f"{'-'.join(words[:6])}.svg"


def write(folder: Path, sections: tuple[Section, ...], about: str) -> None:
    """Write the table, the figures and the pictures into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(table(sections, about) + "\n", encoding="utf-8")
    figures = {"about": about, "sections": [asdict(section) for section in sections]}
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for section in sections:
        if section.picture:
            _draw(section, folder / _name(section))


def _draw(section: Section, path: Path) -> None:
    """Draw bars, ours in another colour."""
    rows = [row for row in section.rows if row.unit == section.rows[0].unit]
    height = 0.6 + 0.34 * len(rows)
    figure, axes = plt.subplots(figsize=(8, height), layout="constrained")
    colours = ["#0b6e4f" if "mailup_oauth" in row.what else "#9aa5b1" for row in rows]
    bars = axes.barh([row.what for row in rows], [row.value for row in rows], color=colours)
    axes.bar_label(bars, [f" {_figure(row.value)}" for row in rows], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel(rows[0].unit)
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.12)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
