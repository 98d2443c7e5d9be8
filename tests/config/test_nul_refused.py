import pytest
from django.urls import reverse


@pytest.mark.parametrize(
    "address",
    ["/admin/operations/job/?state=%00", "/admin/operations/job/?q=a%00b", "/admin/members/member/%00/change/"],
)
def test_an_address_of_the_admin_with_a_nul_is_a_bad_request(admin_client, address):
    assert admin_client.get(address).status_code == 400


@pytest.mark.parametrize("address", ["/h5/c/%00/", "/api/v1/members/a%00b/"])
def test_elsewhere_nothing_is_found_by_such_a_name(client, address):
    assert client.get(address).status_code in {401, 403, 404}


def test_an_address_without_one_is_answered(admin_client):
    assert admin_client.get(reverse("admin:operations_job_changelist"), {"state": "dead"}).status_code == 200
