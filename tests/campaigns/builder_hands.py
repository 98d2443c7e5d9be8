"""What an operator does in the builder, for its tests: opens a page, fills it in, presses a button."""

from django.contrib.auth.models import Permission, User

from tests.filled_forms import sent_by

LIST = "/admin/campaigns/campaign/"
STEPS = ("audience", "tasks", "pools", "look", "check", "publish")


def step_url(campaign, step, more=""):
    return f"{LIST}{campaign.pk}/build/{step}/{more}"


def page(client, url):
    answer = client.get(url, follow=True)
    assert answer.status_code == 200, answer
    return answer


def fields(client, url):
    return sent_by(page(client, url).content.decode())


def save(client, url, button="_save", **changes):
    return client.post(url, fields(client, url) | changes | {button: "1"})


def autosave(client, url, data):
    return client.post(f"{url}autosave/", data)


def wrong(answer):
    filled = answer.context and answer.context.get("filled")
    return filled.messages() if filled else answer


def standing(answer):
    return {each["step"].key: each["standing"] for each in answer.context["bar"]}


def staff(*names):
    user = User.objects.create_user("ann", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return user


def begin(client, **changes):
    url = f"{LIST}build/"
    return client.post(url, fields(client, url) | {"name": "Spring", "organiser": "The shop"} | changes)
