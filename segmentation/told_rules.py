"""A saved rule in words, as the pages of what has one show it where no editor does."""

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from segmentation import rules, sources
from segmentation.catalogue import Catalogue, resolve
from segmentation.naming import Names, load_names
from segmentation.rule_errors import RuleError
from segmentation.sentences import sentence
from segmentation.wording import fault_words, rule_words


@dataclass(frozen=True, slots=True)
class Known:
    """The names that a rule may use, and what they are called: two dozen statements."""

    catalogue: Catalogue
    names: Names


def load_known() -> Known:
    return Known(sources.catalogue(), load_names())


def told_rule(rule_json: Any, known: Known | None = None) -> str:
    """Return the sentence and the clauses, or what is wrong with the rule; None stands for a rule not saved yet.

    `known` is what a page that shows more than the rule has loaded already.
    """
    shown = {"fresh": True} if rule_json is None else _told(rule_json, known or load_known())
    return render_to_string("admin/segmentation/rule.html", shown)


def _told(rule_json: Any, known: Known) -> dict[str, Any]:
    try:
        rule = resolve(rules.parse(rule_json), known.catalogue)
        return {"sentence": sentence(rule, known.names), "lines": list(rule_words(rule, names=known.names))}
    except RuleError as error:
        return {"fault": fault_words(error)}
