"""The regions of the mainland, by their official codes."""

import pytest

from rewards import regions


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("330106", "浙江省杭州市西湖区"),
        ("110105", "北京市朝阳区"),
        ("500101", "重庆市万州区"),
        ("441900", "广东省东莞市"),
        ("419001", "河南省济源市"),
        ("659001", "新疆维吾尔自治区石河子市"),
    ],
)
def test_a_code_reads_as_an_address_does(code, words):
    assert regions.words(code) == words
    assert regions.is_complete(code)


def test_there_are_all_provinces_of_the_mainland_and_each_code_once():
    assert len(regions.provinces()) == 31
    codes = [
        area.code
        for province in regions.provinces()
        for city in province.parts
        for area in (province, city, *city.parts)
    ]
    districts = [each.code for province in regions.provinces() for city in province.parts for each in city.parts]
    assert len(districts) == len(set(districts)) == 2847
    assert all(len(code) == 6 and code.isdigit() for code in codes)


@pytest.mark.parametrize("code", ["", "33", "330000", "330100", "999999", "710000", "810000"])
def test_an_address_ends_with_a_district_or_a_city_that_has_none(code):
    assert not regions.is_complete(code)
