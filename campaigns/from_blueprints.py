"""A campaign made from a template: what it needs is created where it is missing, and the campaign is a draft."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from campaigns import cloning
from campaigns.blueprint_files import Blueprint, filled
from campaigns.models import Campaign
from operations import audit
from operations.audit import Actor
from rewards.models import Gift
from segmentation import rfm, starting_points, starting_segments
from segmentation.models import RfmModel, Segment, Tag, TagGroup
from segmentation.starting_points import Made


@dataclass(slots=True)
class Created:
    """The campaign, and what had to be created for it."""

    campaign: Campaign
    gifts: list[Gift] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)


@transaction.atomic
def create(blueprint: Blueprint, values: Mapping[str, Any], *, by: Actor, now: datetime) -> Created:
    """Make the campaign. `values` are slug, name, opens_at, closes_at, organiser, and one for each ask.

    Gifts, tags and segments that are there already are used as they are; pools are always the campaign's own. Workers
    compute new segments. Raises DefinitionError where the key is taken, RuleError where a segment cannot be.
    """
    data = filled(blueprint.data, values)
    tags = [tag for group in data["tag_groups"] for tag in _tags(group, by, now)]
    gifts = [gift for each in data["gifts"] if (gift := _gift(each, by, now)) is not None]
    segments, keys = _segments(data["segments"], by, now)
    window = {key: values[key].astimezone(UTC).isoformat() for key in ("opens_at", "closes_at")}
    named = {"slug": values["slug"], "name": values["name"]}
    file = filled(data["campaign"], {f"segment.{name}": key for name, key in keys.items()}) | named | window
    campaign = cloning.create(file, by=by, now=now)
    audit.record("campaign.started", campaign, by=by, now=now, changes={"template": [None, blueprint.key]})
    return Created(campaign, gifts, segments, tags)


def _tags(wanted: Mapping[str, Any], by: Actor, now: datetime) -> list[Tag]:
    defaults = {"name": wanted["name"], "exclusive": wanted["exclusive"]}
    group, created = TagGroup.objects.get_or_create(slug=wanted["slug"], defaults=defaults)
    if created:
        _added(group, by, now)
    made = [
        Tag.objects.get_or_create(group=group, slug=tag["slug"], defaults={"name": tag["name"]})
        for tag in wanted["tags"]
    ]
    new = [tag for tag, created in made if created]
    for tag in new:
        _added(tag, by, now)
    return new


def _gift(wanted: Mapping[str, Any], by: Actor, now: datetime) -> Gift | None:
    """The gift, if it was missing."""
    fields = {key: value for key, value in wanted.items() if key != "slug"}
    gift, created = Gift.objects.get_or_create(slug=wanted["slug"], defaults=fields)
    if created:
        _added(gift, by, now)
    return gift if created else None


def _segments(wanted: Sequence[Mapping[str, Any]], by: Actor, now: datetime) -> tuple[list[Segment], dict[str, str]]:
    """The segments that were missing, and the key of each by its name in the template."""
    created: list[Segment] = []
    keys: dict[str, str] = {}
    for each in wanted:
        _score_first(each["values"], now)
        for made in starting_points.BY_KEY[each["from"]].make(each["values"]):
            segment = _of_the_same_rule(made)
            if segment is None:
                (segment,) = starting_segments.create_each([made], by=by, now=now)
                created.append(segment)
            keys[each["as"][made.key]] = segment.slug
    return created, keys


def _of_the_same_rule(made: Made) -> Segment | None:
    return Segment.objects.filter(kind=Segment.Kind.RULE, rule=made.rule).order_by("pk").first()


def _score_first(values: Mapping[str, Any], now: datetime) -> None:
    """A model that was never computed has no classes: segments that read them wait for its first scores."""
    for model in RfmModel.objects.filter(slug=values.get("model", ""), current=None):
        rfm.request_recompute_rfm(model, now=now)


def _added(row: Model, by: Actor, now: datetime) -> None:
    name = {TagGroup: "tag_group", Tag: "tag", Gift: "gift"}[type(row)]
    audit.record(f"{name}.added", row, by=by, now=now)
