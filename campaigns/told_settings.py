"""All settings of a kind of task, or of a feature, in words: by the labels of the form that operators fill in."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from django import forms
from django.utils.text import capfirst

from campaigns import revision_words
from campaigns.definition import parse_reward
from campaigns.kinds.forms import ConfigForm, RewardField
from campaigns.revision_words import Words
from campaigns.reward_rows import RewardRowsField
from campaigns.rows_field import RowsField
from operations.sentences import clauses, labelled, listed


def told(form_class: type[ConfigForm], config: Mapping[str, Any], words: Words) -> Iterator[str]:
    """A line for each setting that says something, whole: who reviews it has to see every question of a quiz.

    The text of a setting of several lines begins on a line of its own.
    """
    form = form_class(initial=form_class.initial_of(config))
    for bound in form:
        said = _said(bound.field, form.initial.get(bound.name), words)
        if said:
            value = f"\n{said}" if "\n" in said else said
            yield labelled(capfirst(str(bound.label)), value)


def _said(field: forms.Field, value: Any, words: Words) -> str:
    if value is None or value is False or value in ("", [], {}, ()):
        return ""
    match field:
        case RewardField():
            return words.reward(parse_reward(value))
        case RewardRowsField():
            return clauses(_reward_row(field, row, words) for row in value if row.get("reward"))
        case RowsField():
            return clauses(_row(field, row, words) for row in value)
        case forms.ChoiceField():
            return listed(_chosen(field, value if isinstance(value, list | tuple) else [value]))
    prepared = field.prepare_value(value)
    return prepared if isinstance(prepared, str) else revision_words.text(prepared)


def _chosen(field: forms.ChoiceField, keys: Iterable[Any]) -> Iterator[str]:
    """What each choice is called, those in groups too."""
    called: dict[str, str] = {}
    for key, label in cast(Iterable[tuple[Any, Any]], field.choices):
        inner = label if isinstance(label, list | tuple) else [(key, label)]
        called |= {str(each): str(words) for each, words in inner}
    yield from (called.get(str(key), str(key)) for key in keys)


def _reward_row(field: RewardRowsField, row: Mapping[str, Any], words: Words) -> str:
    return labelled(f"{field.cell_label} {row.get(field.key, '')}", words.reward(parse_reward(row["reward"])))


def _row(field: RowsField, row: Mapping[str, Any], words: Words) -> str:
    cells = field.cells_of(row)
    said = {column.label: _said(column, cells.get(name), words) for name, column in field.columns.items()}
    return listed(f"{label} {cell}" if label else cell for label, cell in said.items() if cell)
