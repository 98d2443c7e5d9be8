"""An operator pays, in whatever way, and enters the reference."""

from rewards.delivery_providers import Outcome, Request, Verdict


class ByHand:
    by_hand = True

    def __init__(self, *, needs_identity: str = "") -> None:
        self.needs_identity = needs_identity

    def send(self, request: Request) -> Outcome:
        return Outcome(Verdict.FAILED, error="An operator pays this.", final=True)

    def find(self, key: str) -> Outcome | None:
        return None
