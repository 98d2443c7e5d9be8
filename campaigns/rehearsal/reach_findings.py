"""What reach shows: parts that nobody or few can meet, steps at which chains end, pools that others take."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from campaigns.definition import Campaign, Chain, Task
from campaigns.rehearsal import besides
from campaigns.rehearsal.findings import Finding, Place, Severity
from campaigns.rehearsal.population import Population
from campaigns.rehearsal.reach import ChainReach, PoolReach, Reach, holds, names_of
from operations.sentences import listed

WARNING, NOTE = Severity.WARNING, Severity.NOTE


def of(definition: Campaign, reach: Reach, population: Population) -> Iterator[Finding]:
    if not reach.everyone:
        message = _("There are no members yet, so nothing is said about whom the campaign reaches.")
        yield Finding(NOTE, "no_members", message)
        return
    if not reach.campaign:
        message = _("No member is in the audience of the campaign today: nobody meets it.")
        yield Finding(WARNING, "nobody:campaign", message)
        return
    yield from _tasks(definition, reach)
    for chain in reach.chains.values():
        yield from _chain(chain, reach)
    for pool in reach.pools.values():
        yield from _pool(pool, reach)
    yield from _between(definition, reach)
    yield from _levels(definition, population)


def _tasks(definition: Campaign, reach: Reach) -> Iterator[Finding]:
    for task in definition.tasks:
        if definition.chain_of(task.key) is None and not reach.tasks[task.key]:
            yield _nobody_meets(reach, task.key, _("task “%(name)s”") % {"name": task.title}, Place("task", task.key))


def _nobody_meets(reach: Reach, key: str, part: str, place: Place) -> Finding:
    words = {"part": part}
    if reach.admitting[key]:
        message = _("Nobody meets %(part)s: what stands before it in its place takes all of its members.")
        return Finding(WARNING, f"place_taken:{place.kind}:{key}", message % words, place)
    message = _("No member whom the campaign reaches is in the audience of %(part)s today.")
    return Finding(WARNING, f"nobody:{place.kind}:{key}", message % words, place)


def _chain(each: ChainReach, reach: Reach) -> Iterator[Finding]:
    chain = each.chain
    place = Place("chain", chain.key)
    if not each.members:
        yield _nobody_meets(reach, chain.key, _("chain “%(name)s”") % {"name": chain.title}, place)
        return
    for number, step in enumerate(each.steps, 1):
        lost = len(step.before) - len(step.after)
        words = {"number": number, "task": step.task.title, "chain": chain.title}
        if step.before and not step.after:
            message = _(
                "Nobody can finish chain “%(chain)s”: no member who comes to step %(number)d, “%(task)s”, is in its "
                "audience."
            )
            yield Finding(WARNING, f"step_stops:{chain.key}:{step.task.key}", message % words, place)
            return
        if lost:
            message = _(
                "%(lost)s of %(all)s members cannot go on at step %(number)d of chain “%(chain)s”: they are not in the "
                "audience of “%(task)s”."
            )
            words |= {"lost": _counted(lost), "all": _counted(len(step.before))}
            yield Finding(NOTE, f"step_narrows:{chain.key}:{step.task.key}", message % words, place)


def _pool(each: PoolReach, reach: Reach) -> Iterator[Finding]:
    pool = each.pool
    place = Place("pool", pool.slug)
    words = {"pool": pool.name}
    if each.members:
        if each.taken and not pool.named_only:
            words |= {"taken": _counted(len(each.admitted - each.chosen)), "all": _counted(len(each.admitted))}
            words |= {"others": _others(each, reach)}
            message = _(
                "%(taken)s of the %(all)s members in the audience of “%(pool)s” draw elsewhere: from %(others)s."
            )
            yield Finding(NOTE, f"pool_shared:{pool.slug}", message % words, place)
        return
    if not any(holds(pool.audience, score) for score in reach.scores):
        message = _("Nobody reaches prize pool “%(pool)s”: no tasks of the campaign bring the score that it asks for.")
        yield Finding(WARNING, f"score_beyond:{pool.slug}", message % words, place)
    elif not each.admitted:
        message = _("No member whom the campaign reaches is in the audience of prize pool “%(pool)s” today.")
        yield Finding(WARNING, f"nobody:pool:{pool.slug}", message % words, place)
    elif not pool.named_only:
        message = _(
            "Nobody draws from prize pool “%(pool)s”: everybody in its audience (%(all)s) draws from %(others)s."
        )
        words |= {"all": _counted(len(each.admitted)), "others": _others(each, reach)}
        yield Finding(WARNING, f"pool_taken:{pool.slug}", message % words, place)


def _others(each: PoolReach, reach: Reach) -> str:
    taken = sorted(each.taken.items(), key=lambda item: -len(item[1]))
    named = [
        _("“%(pool)s” (%(members)s)") % {"pool": reach.pools[slug].pool.name, "members": _counted(len(members))}
        for slug, members in taken
    ]
    return listed(named) or _("no pool, for want of the score")


def _between(definition: Campaign, reach: Reach) -> Iterator[Finding]:
    words = {"all": _counted(len(reach.campaign))}
    if between := len(reach.campaign - reach.meeting):
        message = _("%(members)s of the %(all)s members whom the campaign reaches meet none of its tasks.")
        severity = WARNING if between == len(reach.campaign) else NOTE
        yield Finding(severity, "between:tasks", message % (words | {"members": _counted(between)}))
    parts: tuple[Task | Chain, ...] = (*definition.tasks, *definition.chains)
    ordinary = any(_gives_ordinary(part) for part in parts)
    if ordinary and definition.pools and (poolless := len(reach.campaign - reach.drawing)):
        message = _(
            "%(members)s of the %(all)s members whom the campaign reaches have no prize pool for their chances."
        )
        yield Finding(WARNING, "between:pools", message % (words | {"members": _counted(poolless)}), Place("pool"))


def _gives_ordinary(part: Task | Chain) -> bool:
    """Whether it gives chances whose pool is chosen by who the member is."""
    named = names_of(part) if isinstance(part, Task) else part.reward.pool
    return bool(part.reward.chances and not named)


def _levels(definition: Campaign, population: Population) -> Iterator[Finding]:
    named = sorted({level for audience in besides.audiences(definition) for level in audience.levels})
    for level in named:
        if not population.having_level(level):
            message = _("No member has the level “%(level)s”, which an audience names.")
            yield Finding(NOTE, f"level_empty:{level}", message % {"level": level})


def _counted(number: int) -> str:
    return f"{number:,}"
