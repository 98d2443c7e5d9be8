"""Every word that the rule editor shows. Its script has none of its own."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

FAMILIES = {
    "profile": pgettext_lazy("fields of rules", "Profile"),
    "attribute": pgettext_lazy("fields of rules", "Attributes"),
    "level": pgettext_lazy("fields of rules", "Level"),
    "tag": pgettext_lazy("fields of rules", "Tags"),
    "points": pgettext_lazy("fields of rules", "Points"),
    "orders": pgettext_lazy("fields of rules", "Orders"),
    "events": pgettext_lazy("fields of rules", "Behaviour"),
    "rfm": gettext_lazy("RFM"),
    "lifecycle": pgettext_lazy("fields of rules", "Lifecycle"),
    "value": pgettext_lazy("fields of rules", "Value"),
    "segment": pgettext_lazy("fields of rules", "Segments"),
    "participation": pgettext_lazy("fields of rules", "Participation"),
}


def editor_words() -> dict[str, str]:
    """Return the words by the names that frontend/rule-editor knows them by. %s stands for what is put in."""
    return _of_groups() | _of_clauses() | _of_values() | _of_the_whole()


def _of_groups() -> dict[str, str]:
    return {
        "rule": _("Rule"),
        "group": _("Group"),
        "combinator": _("How the clauses are joined"),
        "and": _("All of these hold"),
        "or": _("At least one of these holds"),
        "not_and": _("Not all of these hold"),
        "not_or": _("None of these holds"),
        "between_and": pgettext("between clauses", "and"),
        "between_or": pgettext("between clauses", "or"),
        "add_clause": _("Add a clause"),
        "add_group": _("Add a group"),
        "remove_group": _("Remove the group"),
        "empty_group": _("This group has no clause yet."),
        "empty_rule": _("Nobody is described yet. Add the first clause."),
    }


def _of_clauses() -> dict[str, str]:
    return {
        "clause": _("Clause %s"),
        "field": _("Field"),
        "operator": _("Comparison"),
        "value": pgettext("of a clause", "Value"),
        "choose_field": _("Choose a field"),
        "unknown": _("%s (unknown)"),
        "up": _("Move up"),
        "down": _("Move down"),
        "copy": _("Copy"),
        "remove": _("Remove the clause"),
        "time": _("Time window"),
        "ever": pgettext("window", "at any time"),
        "last_days": pgettext("window", "in the last"),
        "days": pgettext("after a number", "days"),
        "dates": pgettext("window", "between dates"),
        "from": pgettext("window", "from"),
        "to": pgettext("window", "until before"),
        "narrow": _("Only with %s"),
        "remove_narrowing": _("Remove %s"),
        "as_written": _("As written"),
        "kept": _("The editor does not know this part and keeps it as it is."),
    }


def _of_values() -> dict[str, str]:
    return {
        "lowest": _("Lowest"),
        "highest": _("Highest"),
        "and_end": pgettext("between two values", "and"),
        "yes": _("yes"),
        "no": _("no"),
        "choose": _("Choose"),
        "add_value": _("Add a value"),
        "remove_value": _("Remove %s"),
        "nothing_found": _("Nothing is known by that name. Press Enter to add it all the same."),
        "suggestions": _("Suggestions"),
    }


def _of_the_whole() -> dict[str, str]:
    return {
        "undo": _("Undo"),
        "redo": _("Redo"),
        "edit_json": _("Edit as JSON"),
        "edit_clauses": _("Edit as clauses"),
        "not_json": _("This is not JSON, so it cannot be shown as clauses. It is kept as it is."),
        "not_shown": _("This JSON cannot be shown as clauses. It is kept as it is."),
        "loading": _("Loading the editor…"),
        "counting": _("Counting…"),
        "counting_long": _("Still counting, %s s. You can go on editing."),
        "not_counted": _("The count did not come. The rule is unharmed; it is counted again at the next change."),
        "unfinished": _("The count comes once every clause is finished."),
        "removed": _("Removed. Undo brings it back."),
        "added": _("Added."),
        "moved": _("Moved."),
        "undone": _("Undone."),
    }
