"""What a browser would send back of a page's form, unchanged."""

from html.parser import HTMLParser
from typing import Any


class _Form(HTMLParser):
    """Reads the controls of the forms of a page that are sent: by name, their values."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._select: tuple[str, bool, list[tuple[str, bool]]] | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        name = at.get("name") or ""
        if tag == "select" and name:
            self._select = (name, "multiple" in at, [])
        elif tag == "option" and self._select:
            self._select[2].append((at.get("value") or "", "selected" in at))
        elif tag == "textarea" and name:
            self._textarea = name
            self.sent[name] = [""]
        elif tag == "input" and name and "disabled" not in at:
            self._input(name, at.get("type") or "text", at)

    def _input(self, name: str, kind: str, at: dict[str, str | None]) -> None:
        if kind in {"submit", "button", "file", "image"} or name == "csrfmiddlewaretoken":
            return
        if kind in {"checkbox", "radio"} and "checked" not in at:
            return
        self.sent.setdefault(name, []).append(at.get("value") or ("on" if kind == "checkbox" else ""))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            # The first line break of a textarea is none of its text.
            whole = self.sent[self._textarea][0] + data
            self.sent[self._textarea] = [whole]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea:
            self.sent[self._textarea] = [self.sent[self._textarea][0].removeprefix("\n")]
            self._textarea = None
        elif tag == "select" and self._select:
            name, many, options = self._select
            chosen = [value for value, selected in options if selected]
            self.sent[name] = chosen if many else chosen[:1] or [options[0][0] if options else ""]
            self._select = None


def sent_by(html: str) -> dict[str, Any]:
    """The values by name, a list where there are several; rows that a script would add are left out."""
    form = _Form()
    form.feed(html)
    kept = {name: values for name, values in form.sent.items() if "__prefix__" not in name and values}
    return {name: values if len(values) > 1 else values[0] for name, values in kept.items()}
