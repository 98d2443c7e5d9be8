"""The world of a preview: whose face of which campaign, when, and what was done before. It stands in an address.

Nothing of it is kept anywhere: an address holds all of it, signed, and each page plays it anew and takes it back.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import made_up, playing_before, published, subjects
from campaigns.definition import DefinitionError, as_json, parse
from campaigns.drafts import Draft, definition_of
from campaigns.made_up import Profile
from campaigns.models import Campaign, Revision
from campaigns.playing_before import Before, NotPlayed
from members.models import Member
from members.participants import load_participant
from operations import advisory_locks, clock
from operations.advisory_locks import Work
from operations.undone import undone
from rewards.models import PrizePool
from rewards.pools import PoolNotReady, publish_pool

_SALT = "campaigns.sandbox"
# An address that is longer is not for every browser and proxy.
LONGEST = 6_000
MOST_BEFORE = 30


class NoWorld(Exception):
    """There is nothing to show; its text says why."""


class Busy(NoWorld):
    """Another preview of the same operator is under way."""


@dataclass(frozen=True, slots=True)
class World:
    """`draft`: what is edited, not what is published. One of `member_id` and `profile` says who looks."""

    campaign_id: int
    draft: bool
    at: datetime
    member_id: int | None = None
    profile: Profile | None = None
    before: tuple[Before, ...] = ()

    def token(self) -> str:
        """The world as a part of an address."""
        written = [
            self.campaign_id,
            self.draft,
            self.at.isoformat(),
            self.member_id,
            self.profile.as_json() if self.profile else None,
            [each.as_json() for each in self.before],
        ]
        return signing.Signer(salt=_SALT).sign_object(written, compress=True)

    def after(self, done: Before) -> "World":
        """The same once this was done too. Raises NoWorld where it grows too large for an address."""
        longer = replace(self, before=(*self.before, done))
        if len(longer.before) > MOST_BEFORE or len(longer.token()) > LONGEST:
            raise NoWorld(_("So much was done in this preview that it cannot go on. Please begin a new one."))
        return longer


def read(token: str) -> World:
    """The world of an address. Raises NoWorld."""
    try:
        written: list[Any] = signing.Signer(salt=_SALT).unsign_object(token)
    except signing.BadSignature:
        raise NoWorld(_("The address of this preview is damaged. Please begin a new one.")) from None
    campaign_id, draft, at, member_id, profile, before = written
    return World(
        campaign_id,
        draft,
        datetime.fromisoformat(at),
        member_id,
        Profile.read(profile) if profile is not None else None,
        tuple(Before.read(each) for each in before),
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """The world as it stands for a moment: who looks, and what could not be played before, with the reason."""

    member: Member
    slug: str
    not_played: tuple[NotPlayed, ...] = ()


@contextmanager
def standing(world: World, operator: User, *, pages: playing_before.Pages) -> Iterator[Stage]:
    """Let the world stand inside, and take it all back. Raises NoWorld, Busy and `undone.TookTooLong`."""
    with undone():
        if not advisory_locks.is_mine_alone(Work.PREVIEWS, operator.pk):
            raise Busy(_("One moment: another preview of yours is being made."))
        with clock.stopped(world.at), _campaign(world) as slug:
            member = _member(world)
            segments = frozenset(world.profile.segments) if world.profile else frozenset()
            with subjects.said_of(member.pk, segments) if world.profile else nullcontext():
                if world.profile:
                    made_up.give_score(member, slug, world.profile.score, now=world.at)
                not_played = playing_before.play(world.before, member, slug, at=world.at, pages=pages)
                # Levels and messages may be others by now.
                yield Stage(load_participant(member.pk) or member, slug, tuple(not_played))


def _member(world: World) -> Member:
    if world.profile is not None:
        return made_up.make(world.profile, now=world.at)
    member = load_participant(world.member_id or 0)
    if member is None:
        raise NoWorld(_("This member is not there any more."))
    return member


@contextmanager
def _campaign(world: World) -> Iterator[str]:
    campaign = Campaign.objects.select_related("current").filter(pk=world.campaign_id).first()
    if campaign is None:
        raise NoWorld(_("This campaign is not there any more."))
    if not world.draft:
        if campaign.current is None:
            raise NoWorld(_("This campaign was never published: preview its draft."))
        yield campaign.slug
        return
    revision = _draft_as_current(campaign, world.at)
    try:
        yield campaign.slug
    finally:
        published.forget(revision.pk)
        subjects.forget(campaign.slug)


def _draft_as_current(campaign: Campaign, at: datetime) -> Revision:
    """Let the draft be what members meet. What keeps it from being published does not keep it from being looked at."""
    draft = Draft(campaign)
    versions = {offer.pool.slug: _version(offer.pool, at) for offer in draft.pools}
    draft.pools = [offer for offer in draft.pools if versions[offer.pool.slug]]
    number = (campaign.current.number if campaign.current else 0) + 1_000_000
    try:
        definition = as_json(definition_of(draft, revision=number, versions=versions))
        parse(definition)
    except (DefinitionError, ValueError, KeyError) as error:
        raise NoWorld(_("The draft cannot be shown yet: %(fault)s") % {"fault": error}) from None
    revision = Revision.objects.create(campaign=campaign, number=number, definition=definition, published_at=at)
    changes: dict[str, Any] = {"current": revision}
    if campaign.state in {Campaign.State.DRAFT, Campaign.State.IN_REVIEW}:
        changes["state"] = Campaign.State.LIVE
    Campaign.objects.filter(pk=campaign.pk).update(**changes)
    return revision


def _version(pool: PrizePool, at: datetime) -> int:
    """The number of the pool as drafted; of the published one where the draft is not ready; 0 without either."""
    try:
        with transaction.atomic():
            return publish_pool(pool, by=None, now=at).number
    except PoolNotReady:
        return pool.current.number if pool.current else 0
