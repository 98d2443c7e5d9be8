"""The form in which operators write a quiz."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.kinds.forms import ConfigForm
from campaigns.quizzes import questions, written
from campaigns.quizzes.questions import MOST_QUESTIONS
from campaigns.quizzes.written import NotWritten

# How a bank of questions is written, shown while there is none.
EXAMPLE = _(
    "What is fresh milk kept in?\n* A fridge\n- A cupboard\n\nThe next question, after an empty line\n* Right\n- Wrong"
)


class QuestionsField(forms.CharField):
    """A bank of questions as text (`campaigns.quizzes.written`): its value is the list of the configuration."""

    widget = forms.Textarea(attrs={"rows": 16, "spellcheck": "true"})

    def prepare_value(self, value: Any) -> Any:
        # What is not yet a bank of questions is shown as it is; a faulty one cannot be written as text.
        if isinstance(value, list) and not questions.faults(value, video=_has_seconds(value)):
            return written.write(value)
        return value

    def clean(self, value: Any) -> list[dict[str, Any]]:
        text = super().clean(value) or ""
        try:
            return written.read(text)
        except NotWritten as error:
            words = _("Line %(line)d: %(words)s")
            raise forms.ValidationError(
                words, code="invalid", params={"line": error.line, "words": error.words}
            ) from None


class QuizForm(ConfigForm):
    questions = QuestionsField(
        label=_("questions"),
        help_text=_(
            "A question on a line of its own, below it its choices: “* ” before the right one, “- ” before a wrong one;"
            " several “* ” where several are right. “! ” begins an explanation, which is shown at the end,"
            " “@ 30” asks at second 30 of a video. An empty line parts questions."
        ),
        widget=forms.Textarea(attrs=QuestionsField.widget.attrs | {"placeholder": EXAMPLE}),
    )
    draw = forms.IntegerField(
        label=_("questions drawn"),
        required=False,
        min_value=1,
        help_text=_("So many of the questions are drawn at random. Empty: all are asked, in their order."),
    )
    draw_per = forms.ChoiceField(
        label=_("drawn anew"),
        required=False,
        choices=[("", _("for each attempt")), ("period", _("for each period: an attempt again brings the same"))],
    )
    shuffle = forms.BooleanField(label=_("choices in an order by chance"), required=False)
    seconds = forms.IntegerField(
        label=_("time for all questions, in seconds"),
        required=False,
        min_value=5,
        help_text=_("What is handed in later does not count. Empty: no limit."),
    )
    least_seconds = forms.IntegerField(
        label=_("least time, in seconds"),
        required=False,
        min_value=1,
        initial=1,
        help_text=_("Who hands in sooner cannot have read the questions, and is refused."),
    )
    attempts = forms.IntegerField(
        label=_("attempts in a period"), required=False, min_value=1, help_text=_("Empty: as many as they like.")
    )
    video = forms.CharField(
        label=_("address of a video"),
        required=False,
        help_text=_("Each question then needs its second: “@ 30”. The server checks that it has been reached."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The setting's name is a word of Python, which no attribute of the class can have.
        mark = forms.IntegerField(label=_("right answers to pass"), min_value=1, max_value=MOST_QUESTIONS, initial=1)
        self.fields["pass"] = mark
        self.order_fields(["questions", "pass"])

    @classmethod
    def initial_of(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        initial = dict(config)
        if isinstance(video := initial.get("video"), Mapping):
            initial["video"] = video.get("url", "")
        # What has no least time keeps none.
        return {"least_seconds": None} | initial if config else initial

    def config(self) -> dict[str, Any]:
        config = super().config()
        if "video" in config:
            config["video"] = {"url": config["video"]}
        return config


def _has_seconds(questions: list[Any]) -> bool:
    return any(isinstance(each, Mapping) and "at" in each for each in questions)
