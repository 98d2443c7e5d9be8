"""The screens of packages, exports and tags of many members: nothing half done, and each thing only for who may."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from members.models import Member
from operations.models import AuditRecord, Job
from segmentation import exports, member_sets, packages, uses
from segmentation.models import MemberExport, MemberTag, Package, Segment, Tag, TagBatch, TagGroup, UidList
from segmentation.packages import Content
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db
RULE = {"version": 1, "combinator": "and", "rules": [{"field": "segment", "operator": "=", "value": "vip"}]}


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def operator() -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(User.objects.create_superuser("olga"))
    return client


@pytest.fixture
def ids() -> list[int]:
    return [member.pk for member in Member.objects.bulk_create(Member(uid=f"u{n}") for n in range(6))]


def package(slug: str, members) -> Package:
    content = Content(member_sets.BitMap(members), {"how": "upload"})
    return packages.make(slug, slug.title(), content, by=None, now=NOW)


def held(slug: str) -> set[int]:
    return set(member_sets.load(Segment.objects.get(slug=slug).members_id))


def page(name: str, *args) -> str:
    return reverse(f"admin:segmentation_{name}", args=args)


def test_a_list_is_looked_at_before_a_package_is_made_of_it(operator, ids):
    file = SimpleUploadedFile("vip.csv", "会员号\nu1\nnobody\n".encode("gb18030"))
    answer = operator.post(page("package_upload"), {"uids": "u2\nu2", "file": file})
    uids = UidList.objects.get()
    assert answer.headers["Location"] == page("package_of_list", uids.pk)
    assert not Package.objects.exists()
    shown = operator.get(page("package_of_list", uids.pk)).content.decode()
    assert "Make a package of 2 members" in shown
    rejects = operator.get(page("uidlist_rejects", uids.pk)).content.decode("utf-8-sig")
    assert [line.split(",")[1] for line in rejects.splitlines()] == ["uid", "u2", "会员号", "nobody"]
    operator.post(page("package_of_list", uids.pk), {"name": "VIP", "slug": "vip"})
    assert held("vip") == {ids[1], ids[2]}
    assert Package.objects.get().contents.get().made_by == "olga"


def test_a_taken_key_and_a_list_of_nobody_are_refused(operator, ids):
    package("vip", ids)
    operator.post(page("package_upload"), {"uids": "u1"})
    answer = operator.post(page("package_of_list", UidList.objects.get().pk), {"name": "VIP", "slug": "vip"})
    assert answer.context["form"].errors["slug"] == ["This key is taken."]
    answer = operator.post(page("package_upload"), {"uids": "  \n"})
    assert "no uid in it" in answer.context["form"].errors["uids"][0]
    assert UidList.objects.count() == 1


def test_a_new_version_comes_by_the_package_and_an_old_one_can_serve_again(operator, ids):
    vip = package("vip", ids[:1])
    answer = operator.post(f"{page('package_upload')}?package={vip.pk}", {"uids": "u4"})
    operator.post(answer.headers["Location"])
    assert held("vip") == {ids[4]}
    operator.post(page("package_restore", vip.contents.get(number=1).pk))
    assert held("vip") == {ids[0]}
    shown = operator.get(page("package_change", vip.pk)).content.decode()
    assert "Version 1 again" in shown
    assert "a pasted list" in shown


def test_a_segment_is_frozen_and_one_that_cannot_be_answered_says_why(operator, ids):
    package("vip", ids[:2])
    segment = Segment.objects.create(slug="reads", name="Reads", rule=RULE)
    operator.post(page("package_freeze"), {"segment": segment.pk, "name": "Now", "slug": "now"})
    assert held("now") == set(ids[:2])
    later = Segment.objects.create(slug="later", name="Later", rule=RULE)
    Segment.objects.filter(pk=later.pk).update(rule={"version": 7})
    answer = operator.post(page("package_freeze"), {"segment": later.pk, "name": "X", "slug": "x"})
    assert "version" in answer.context["form"].errors["segment"][0]


def test_sets_are_counted_as_they_are_chosen_and_saved_after(operator, ids):
    a, b = package("a", ids[:4]), package("b", ids[2:])
    chosen = {"set_0": a.pk, "join_1": "minus", "set_1": b.pk}
    counted = operator.post(page("package_combine_count"), chosen)
    assert [bar.shown for bar in counted.context["chart"].bars] == ["4", "2"]
    assert operator.post(page("package_combine_count"), {}).context["chart"] is None
    operator.post(page("package_combine"), chosen | {"name": "C", "slug": "c"})
    assert held("c") == set(ids[:2])
    shown = operator.get(page("package_change", Package.objects.get(slug="c").pk)).content.decode()
    assert f'but not in <a class="own-link" href="{page("package_change", b.pk)}">B</a>' in shown


@pytest.mark.parametrize("shares", ["", "100", "1", "11", "50, 49", "x", "nan, 100", "-1, 101", "1e400, 1"])
def test_shares_that_make_no_split_are_refused(operator, ids, shares):
    whole = package("whole", ids)
    given = {"segment": whole.pk, "shares": shares, "salt": "x", "name": "T", "slug": "t"}
    assert operator.post(page("package_split"), given).context["form"].errors["shares"]
    assert operator.post(page("package_split_count"), given).context["chart"] is None
    assert Package.objects.count() == 1


def test_a_split_is_counted_and_then_made(operator, ids):
    whole = package("whole", ids)
    given = {"segment": whole.pk, "shares": "3", "salt": "x", "name": "T", "slug": "t"}
    counted = operator.post(page("package_split_count"), given).context["chart"].bars
    assert sum(int(bar.shown) for bar in counted) == 6
    operator.post(page("package_split"), given)
    assert [len(held(f"t-{letter}")) for letter in "abc"] == [int(bar.shown) for bar in counted]
    answer = operator.post(page("package_split"), given)
    assert answer.context["form"].errors["slug"] == ["This key is taken."]


def test_a_package_that_a_rule_reads_is_kept(operator, ids):
    vip = package("vip", ids)
    Segment.objects.create(slug="reads", name="Reads", rule=RULE)
    operator.post(page("package_delete", vip.pk), {"post": "yes"})
    assert Package.objects.exists()
    assert "the rule of segment “Reads”" in operator.get(page("package_change", vip.pk)).content.decode()
    Segment.objects.filter(slug="reads").delete()
    operator.post(page("package_delete", vip.pk), {"post": "yes"})
    assert not Package.objects.exists()


def test_a_package_is_found_at_pages_of_its_own_and_not_among_the_segments(operator, ids):
    made = package("vip", ids[:3])
    reader = Segment.objects.create(slug="reader", name="Reader", rule=RULE)
    own = page("package_change", made.pk)
    why = operator.get(page("segment_why", made.pk, ids[0]))
    assert own in why.content.decode()
    assert page("segment_change", made.pk) not in why.content.decode()
    (used,) = uses.in_rules(("segment", "vip"))
    assert used.url == page("segment_change", reader.pk)
    assert own in operator.get(page("segment_overlaps")).content.decode()
    listed = operator.get(page("segment_changelist")).content.decode()
    assert "Reader" in listed
    assert "Vip" not in listed
    for name in ("segment_versions", "segment_estimate_now", "segment_export_members"):
        assert operator.get(page(name, made.pk)).status_code == 404


def test_a_frozen_package_is_told_as_a_use_at_its_own_page(operator, ids):
    source = package("vip", ids[:3])
    copy = packages.make("copy", "Copy", packages.of_now(source, now=NOW), by=None, now=NOW)
    (used,) = uses.in_packages(("segment", "vip"))
    assert used.url == page("package_change", copy.pk)


@pytest.mark.parametrize("number", ["abc", "0", "99999999999999999999", "1/2"])
@pytest.mark.parametrize(
    "name",
    [
        *("segment_estimate_now", "segment_see_versions", "segment_export_members"),
        *("package_export_members", "package_new_version"),
        *("rfmmodel_see_result", "rfmmodel_duplicate"),
    ],
)
def test_a_button_of_a_row_that_is_not_there_leads_nowhere(operator, name, number):
    assert operator.get(page(name, number)).status_code == 404


def test_an_export_is_asked_for_watched_and_fetched_by_who_may(operator, ids):
    vip = package("vip", ids[:2])
    answer = operator.post(page("memberexport_new"), {"segment": vip.pk, "columns": ["name"]})
    export = MemberExport.objects.get()
    assert answer.headers["Location"] == page("memberexport_change", export.pk)
    assert operator.get(page("memberexport_file", export.pk)).status_code == 404
    exports.work(export.pk, last_id=-1, now=NOW)
    fetched = operator.get(page("memberexport_file", export.pk))
    assert b"".join(fetched).decode("utf-8-sig").splitlines() == ["uid,name", "u0,", "u1,"]
    assert AuditRecord.objects.filter(action="member_export.downloaded").count() == 1
    support = User.objects.create_user("support", is_staff=True)
    support.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    operator.force_login(support)
    for address in (page("memberexport_file", export.pk), page("memberexport_new"), page("package_upload")):
        assert operator.get(address).status_code == 403
    assert operator.get(page("memberexport_change", export.pk)).status_code == 200


@pytest.fixture
def tag() -> Tag:
    return Tag.objects.create(group=TagGroup.objects.create(slug="taste", name="Taste"), slug="milk", name="Milk")


def test_a_tag_goes_to_a_list_after_a_look_at_it(operator, ids, tag):
    operator.post(page("tagbatch_new"), {"tag": tag.pk, "action": "set", "uids": "u1\nu2\nnobody"})
    batch = TagBatch.objects.get()
    shown = operator.get(page("tagbatch_change", batch.pk))
    assert (shown.context["preview"].changes, shown.context["uids"].unknown) == (2, 1)
    assert not MemberTag.objects.exists()
    operator.post(page("tagbatch_start", batch.pk))
    assert set(MemberTag.objects.values_list("member", "set_by")) == {(ids[1], "olga"), (ids[2], "olga")}
    operator.post(page("tagbatch_new"), {"tag": tag.pk, "action": "remove", "carriers": "on"})
    operator.post(page("tagbatch_start", TagBatch.objects.latest("pk").pk))
    assert not MemberTag.objects.exists()
    assert not Job.objects.exists()


def test_members_are_chosen_in_one_way(operator, ids, tag):
    vip = package("vip", ids[:3])
    for ways in ({}, {"segment": vip.pk, "uids": "u1"}):
        answer = operator.post(page("tagbatch_new"), {"tag": tag.pk, "action": "set"} | ways)
        assert "Choose the members in one way" in answer.context["form"].non_field_errors()[0]
    operator.post(page("tagbatch_new"), {"tag": tag.pk, "action": "set", "segment": vip.pk})
    assert TagBatch.objects.get().size == 3


def test_members_selected_in_their_list_get_a_tag(operator, ids, tag):
    action = {"action": "change_tags", "_selected_action": ids[:2]}
    answer = operator.post(reverse("admin:members_member_changelist"), action)
    operator.post(answer.headers["Location"], {"tag": tag.pk, "action": "set"})
    assert TagBatch.objects.get().size == 2
    assert "Selected" in operator.get(page("tagbatch_change", TagBatch.objects.get().pk)).content.decode()


def test_a_tag_is_set_and_taken_away_in_one_tap_on_the_members_page(operator, ids, tag):
    address, member = page("membertag_of", ids[0]), reverse("admin:members_member_change", args=[ids[0]])
    shown = operator.get(member).content.decode()
    assert f'action="{address}"' in shown
    assert "csrfmiddlewaretoken" in shown.partition(f'action="{address}"')[2][:200]
    operator.post(address, {"set": tag.pk})
    assert MemberTag.objects.get().set_by == "olga"
    assert "Take Milk away" in operator.get(member).content.decode()
    operator.post(address, {"remove": tag.pk})
    assert not MemberTag.objects.exists()
    Tag.objects.update(rule=RULE)
    operator.post(address, {"set": tag.pk})
    assert not MemberTag.objects.exists()
    assert [operator.post(address, {"set": bad}).status_code for bad in ("", "x", "999999")] == [404] * 3


def test_a_tag_that_members_carry_or_a_rule_names_is_kept(operator, ids, tag):
    operator.post(page("membertag_of", ids[0]), {"set": tag.pk})
    shown = operator.get(page("tag_delete", tag.pk)).content.decode()
    assert "1 member carries it" in shown
    operator.post(page("tag_delete", tag.pk), {"post": "yes"})
    assert Tag.objects.exists()
    operator.post(page("membertag_of", ids[0]), {"remove": tag.pk})
    operator.post(page("tag_delete", tag.pk), {"post": "yes"})
    assert not Tag.objects.exists()


def test_the_rule_of_a_tag_is_checked_and_followed_by_a_worker(operator, ids, tag):
    body = {"name": "Milk", "slug": "milk", "description": "", "position": 0, "valid_days": ""}
    change = page("tag_change", tag.pk)
    answer = operator.post(change, body | {"rule": '{"version": 1}'})
    assert "combinator" in answer.context["adminform"].form.errors["rule"][0]
    own = '{"version":1,"combinator":"and","rules":[{"field":"tag.taste","operator":"=","value":"milk"}]}'
    assert "read itself" in operator.post(change, body | {"rule": own}).context["adminform"].form.errors["rule"][0]
    good = '{"version":1,"combinator":"and","rules":[{"field":"profile.uid","operator":"=","value":"u1"}]}'
    answer = operator.post(change, body | {"rule": good, "valid_days": 3})
    assert "valid_days" in answer.context["adminform"].form.errors
    assert operator.post(change, body | {"rule": good}).status_code == 302
    assert Job.objects.get().arguments["tag_id"] == tag.pk


def test_a_rule_of_a_tag_without_a_clause_is_none(operator, tag):
    body = {"name": "Milk", "slug": "milk", "description": "", "position": 0, "valid_days": ""}
    change = page("tag_change", tag.pk)
    assert "rule-field" in operator.get(change).content.decode()
    for empty in ("", "null", '{"version": 1, "combinator": "and", "rules": []}'):
        assert operator.post(change, body | {"rule": empty}).status_code == 302
        tag.refresh_from_db()
        assert tag.rule is None
    assert not Job.objects.exists()
    assert not AuditRecord.objects.filter(target_id=str(tag.pk), changes__has_key="rule").exists()
