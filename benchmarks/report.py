"""A figure beside its floor, both measured in one run, so that the ratio holds on any machine."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` against `floor`, in `unit`. `aim` is the ratio wanted; None where there is nothing to compare with."""

    name: str
    value: float
    floor: float | None
    aim: float | None
    better: str
    unit: str

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def reached(self) -> bool:
        if self.ratio is None or self.aim is None:
            return True
        return self.ratio >= self.aim if self.better == "higher" else self.ratio <= self.aim


def table(figures: list[Figure]) -> str:
    lines = [f"{'figure':<44}{'value':>12}{'floor':>12}{'ratio':>8}{'aim':>8}  unit"]
    for figure in figures:
        floor = f"{figure.floor:,.1f}" if figure.floor else ""
        ratio = f"{figure.ratio:.2f}" if figure.ratio else ""
        sign = "≥" if figure.better == "higher" else "≤"
        aim = f"{sign}{figure.aim:g}" if figure.aim else ""
        mark = "" if figure.reached else "  MISSED"
        lines.append(f"{figure.name:<44}{figure.value:>12,.1f}{floor:>12}{ratio:>8}{aim:>8}  {figure.unit}{mark}")
    return "\n".join(lines)


def write_json(figures: list[Figure], path: Path) -> None:
    rows = [asdict(figure) | {"ratio": figure.ratio} for figure in figures]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
