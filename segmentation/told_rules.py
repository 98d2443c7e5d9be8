"""A saved rule in words, as the pages of what has one show it where no editor does."""

from typing import Any

from django.template.loader import render_to_string

from segmentation.counting import read_rule
from segmentation.naming import load_names
from segmentation.rule_errors import RuleError
from segmentation.sentences import sentence
from segmentation.wording import fault_words, rule_words


def told_rule(rule_json: Any) -> str:
    """Return the sentence and the clauses, or what is wrong with the rule; None stands for a rule not saved yet."""
    return render_to_string("admin/segmentation/rule.html", {"fresh": True} if rule_json is None else _told(rule_json))


def _told(rule_json: Any) -> dict[str, Any]:
    try:
        rule, names = read_rule(rule_json), load_names()
        return {"sentence": sentence(rule, names), "lines": list(rule_words(rule, names=names))}
    except RuleError as error:
        return {"fault": fault_words(error)}
