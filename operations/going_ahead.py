"""Jobs that go before whatever waits, such as a flood of orders: signs of life, and what is looked out for on a page.

Only what reads and writes a file or a figure belongs here. What gives value to members waits its turn like the rest,
and so does what may go on for hours.
"""

_functions: set[str] = set()


def register(function: str) -> None:
    """Let jobs of `function` go ahead. Apps call this in `AppConfig.ready()`."""
    _functions.add(function)


def goes_ahead(function: str) -> bool:
    return function in _functions
