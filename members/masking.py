"""Phone numbers and email addresses as those may see them who have no need of the whole."""

import unicodedata


def masked_phone(phone: str) -> str:
    """Keep the first three and the last two characters: 138******78."""
    if len(phone) < 8:
        return "*" * len(phone)
    return f"{phone[:3]}{'*' * (len(phone) - 5)}{phone[-2:]}"


def masked_email(email: str) -> str:
    """Keep the first character and the domain: w***@example.com."""
    name, at, domain = email.rpartition("@")
    return f"{name[:1]}***{at}{domain}" if at else ""


def masked_subject(subject: str) -> str:
    """Keep the first three and the last two characters of an id at a provider, of a long one."""
    return masked_phone(subject) if len(subject) >= 8 else "*" * len(subject)


def masked_name(name: str) -> str:
    """Keep the first character that can be seen, which in Chinese is the family name: 王**. "" where there is none."""
    # Controls, direction marks, spaces and accents without a letter are no names, and would act on what follows.
    first = next((each for each in name if unicodedata.category(each)[0] not in "CMZ"), "")
    return f"{first}**" if first else ""
