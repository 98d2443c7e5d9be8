"""The stages on which a draw is played: their words, their templates and scripts. The pool's odds hold on each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import nine_grid, wheel
from rewards.models import Stage
from rewards.published_prizes import PublishedPrize

Prizes = Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class DrawStage:
    """`hint` says what the odds do not depend on. `drawing` arranges the prizes for stages that show them."""

    name: str
    title: Promise
    hint: Promise
    drawing: Callable[[Prizes], Any] | None = None

    @property
    def template(self) -> str:
        return f"h5/stages/{self.name}.html"

    @property
    def script(self) -> str:
        return f"h5/draw/{self.name}.js"

    @property
    def art(self) -> str:
        """The picture of the entrance."""
        return f"h5/stages/{self.name}.svg"

    def pieces(self, prizes: Sequence[PublishedPrize]) -> Any:
        """What the stage is built of, None where it shows no prizes before the draw."""
        return self.drawing([(prize.key, prize.name, prize.kind) for prize in prizes]) if self.drawing else None


STAGES: Mapping[str, DrawStage] = {
    Stage.WHEEL.value: DrawStage(
        "wheel", _("Lucky draw"), _("All sectors are equally wide, whatever the odds."), wheel.sectors
    ),
    Stage.GRID.value: DrawStage(
        "grid", _("Lucky grid"), _("Every prize has as many cells, whatever the odds."), nine_grid.grid
    ),
    Stage.SCRATCH.value: DrawStage(
        "scratch", _("Scratch card"), _("The draw is made when you take the card. What you win is yours at once.")
    ),
    Stage.EGGS.value: DrawStage("eggs", _("Golden eggs"), _("Which egg you choose does not change the odds.")),
}


def stage_named(name: str) -> DrawStage:
    """Return a stage by the name that pools keep."""
    return STAGES[name]
