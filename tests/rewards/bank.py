"""A provider of payments for tests. It keeps its books in a folder, so that they outlive whoever is killed.

It pays as often as it is asked, also twice for one key: what is paid once was sent once.
"""

import os
import signal
from pathlib import Path

from rewards.delivery_providers import Outcome, Request, Verdict


class Bank:
    by_hand = False

    def __init__(self, *, folder: str, needs_identity: str = "") -> None:
        self.folder = Path(folder)
        self.needs_identity = needs_identity

    def plan(self, *steps: str) -> None:
        """Say what happens at the next calls, one word each; after them all is well."""
        (self.folder / "plan").write_text("\n".join(steps))

    def payments(self) -> list[str]:
        """Return the key of each payment, in their order."""
        paid = self.folder / "paid"
        return paid.read_text().split() if paid.exists() else []

    def send(self, request: Request) -> Outcome:
        step = self._next_step()
        if step == "killed before":
            os.kill(os.getpid(), signal.SIGKILL)
        if step == "lost before":
            raise TimeoutError("no answer")
        if step.startswith("fail"):
            return Outcome(Verdict.FAILED, error="out of money", final=step == "fail for good")
        with (self.folder / "paid").open("a") as paid:
            paid.write(f"{request.key}\n")
        if step == "killed after":
            os.kill(os.getpid(), signal.SIGKILL)
        if step == "lost after":
            raise TimeoutError("no answer")
        return Outcome(Verdict.DELIVERED, reference=f"bank-{request.key[:6]}-{request.account}")

    def find(self, key: str) -> Outcome | None:
        if (self.folder / "deaf").exists():
            raise TimeoutError("no answer")
        return Outcome(Verdict.DELIVERED, reference="found") if key in self.payments() else None

    def _next_step(self) -> str:
        plan = self.folder / "plan"
        steps = plan.read_text().splitlines() if plan.exists() else []
        if steps:
            plan.write_text("\n".join(steps[1:]))
        return steps[0] if steps else "well"
