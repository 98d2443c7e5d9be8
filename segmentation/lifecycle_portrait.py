def register_own() -> None:
    pass
