"""What people call the things that rules name by key: levels, tags, segments, attributes, and what apps above add."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import pgettext_lazy

from members.bilingual import in_reader_language
from members.models import Attribute, Level, Member
from segmentation.models import LifecycleModel, RfmModel, Segment, Tag, TagGroup, ValueModel

# As things that can be counted: "2 searches" would need a plural of each, so that a type reads well in the singular.
EVENT_TYPES = {
    "view": pgettext_lazy("type of event", "view"),
    "click": pgettext_lazy("type of event", "click"),
    "search": pgettext_lazy("type of event", "search"),
    "favourite": pgettext_lazy("type of event", "favourite"),
    "cart": pgettext_lazy("type of event", "cart"),
    "share": pgettext_lazy("type of event", "share"),
    "login": pgettext_lazy("type of event", "login"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """Names by kind of name ("level", "tag.city", as in a field's `values_in`) and key, for whoever reads."""

    by_kind: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, kind: str, key: str) -> str:
        """Return the name; the key itself where nothing is known by it, such as what was deleted since."""
        return self.by_kind.get(kind, {}).get(key, key)


KEYS_ONLY = Names()
# Returns names by kind and key, as `Names` holds them.
Loader = Callable[[], Mapping[str, Mapping[str, str]]]
_loaders: list[Loader] = []


def register(loader: Loader) -> None:
    """Let an app above bring the names of what its fields speak of."""
    if loader not in _loaders:
        _loaders.append(loader)


def load_names() -> Names:
    """Return the names as they are now, in the language of the request: one query for each kind of thing."""
    found: dict[str, Mapping[str, str]] = {}
    for loader in (_of_members, _of_tags, _of_definitions, *_loaders):
        found.update(loader())
    return Names(found)


def segments() -> dict[str, str]:
    """Return the name of each segment by its key."""
    return dict(Segment.objects.order_by("name").values_list("slug", "name"))


def _of_members() -> Mapping[str, Mapping[str, str]]:
    levels = Level.objects.values_list("slug", "name", "name_en")
    attributes = list(Attribute.objects.all())
    choices = {f"attribute.{each.slug}": {key: each.choice_label(key) for key in each.choices} for each in attributes}
    return choices | {
        "level": {slug: in_reader_language(name, english) for slug, name, english in levels},
        "attribute": {each.slug: str(each) for each in attributes},
        "type": {key: str(name) for key, name in EVENT_TYPES.items()},
        "gender": {str(key): str(label) for key, label in Member.Gender.choices},
    }


def _of_tags() -> Mapping[str, Mapping[str, str]]:
    tags: dict[str, dict[str, str]] = defaultdict(dict)
    for group, slug, name in Tag.objects.values_list("group__slug", "slug", "name"):
        tags[f"tag.{group}"][slug] = name
    return tags | {"tag_group": dict(TagGroup.objects.values_list("slug", "name"))}


def _of_definitions() -> Mapping[str, Mapping[str, str]]:
    return {
        "segment": segments(),
        "rfm_model": dict(RfmModel.objects.values_list("slug", "name")),
        "lifecycle_model": dict(LifecycleModel.objects.values_list("slug", "name")),
        "value_model": dict(ValueModel.objects.values_list("slug", "name")),
    }
