"""What can be wrong with a rule. Pure: no Django, no queries."""

from typing import Any


def gettext_noop(message: str) -> str:
    """Mark a wording for the catalogue; it is translated where it is shown (`segmentation.wording`)."""
    return message


class RuleError(ValueError):
    """A fault in a rule: `path` is the place ("rules[2].window.last_days", "" for the whole), `code` names the fault.

    `message` is English; `wording` and `details` are what it was made of, to be shown in another language.
    """

    def __init__(self, path: str, code: str, wording: str, **details: Any):
        # A lone surrogate, which JSON can spell, must not break the answer that reports it.
        path = path.encode("utf-8", "replace").decode()
        details = {name: str(value).encode("utf-8", "replace").decode() for name, value in details.items()}
        self.path = path
        self.code = code
        self.wording = wording
        self.details = details
        self.message = wording % details if details else wording
        super().__init__(f"{path}: {self.message}" if path else self.message)


class ValueFault(RuleError):
    """A value that cannot be read; its path begins at the value ("[1]" or "")."""

    def at(self, path: str) -> RuleError:
        """Return the same fault seen from the whole rule."""
        return RuleError(f"{path}{self.path}", self.code, self.wording, **self.details)
