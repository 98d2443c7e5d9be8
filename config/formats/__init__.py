"""How dates and numbers are written, where Django's own way for a language is not the trade's (FORMAT_MODULE_PATH)."""
