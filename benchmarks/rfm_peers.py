"""What others take for the same scores over the same orders. Runs alone, in an environment of its own (`.venv-bench`).

It is given the orders as a file of numpy columns and prints {name: seconds} as JSON. Reading the orders into memory is
not counted for any of them: pandas, pymc-marketing and chdb begin with a table of orders that is there.
"""

import json
import sys
import time
import warnings
from statistics import median

import numpy
import pandas

ROUNDS = 3
ZONE = "Asia/Shanghai"
CUTS = "quantilesExactInclusive(0.2, 0.4, 0.6, 0.8)"
# In steps, as one would write it: a table expression would be worked out again wherever it is named.
STEPS = (
    "CREATE OR REPLACE TABLE facts ENGINE = Memory AS"
    f" SELECT member, dateDiff('day', max(paid_at), {{at}}, '{ZONE}') AS recency, count() AS frequency,"
    " sum(cents) / 100 AS monetary FROM orders GROUP BY member",
    "CREATE OR REPLACE TABLE scored ENGINE = Memory AS"
    f" WITH (SELECT {CUTS}(recency) FROM facts) AS rs, (SELECT {CUTS}(frequency) FROM facts) AS fs,"
    f" (SELECT {CUTS}(monetary) FROM facts) AS ms"
    " SELECT member, 5 - arrayCount(x -> recency > x, rs) AS r, 1 + arrayCount(x -> frequency > x, fs) AS f,"
    " 1 + arrayCount(x -> monetary > x, ms) AS m FROM facts",
    "CREATE OR REPLACE TABLE classes ENGINE = Memory AS"
    " WITH (SELECT avg(r) FROM scored) AS mr, (SELECT avg(f) FROM scored) AS mf, (SELECT avg(m) FROM scored) AS mm"
    " SELECT member, r, f, m, (r > mr) * 4 + (f > mf) * 2 + (m > mm) AS class FROM scored",
)


def by_pandas(orders: pandas.DataFrame, at: pandas.Timestamp) -> None:
    grouped = orders.groupby("member", sort=False)
    facts = grouped.agg(last=("paid_at", "max"), frequency=("amount", "size"), monetary=("amount", "sum"))
    facts["recency"] = (at - facts["last"]).dt.days
    scores = {key: pandas.qcut(facts[key], 5, labels=False, duplicates="drop") + 1 for key in ("frequency", "monetary")}
    scores["recency"] = 5 - pandas.qcut(facts["recency"], 5, labels=False, duplicates="drop")
    sum(
        (scores[key] > scores[key].mean()) * weight
        for key, weight in (("recency", 4), ("frequency", 2), ("monetary", 1))
    )


def by_pymc_marketing(orders: pandas.DataFrame, at: pandas.Timestamp) -> None:
    from pymc_marketing.clv import rfm_segments

    rfm_segments(
        orders,
        customer_id_col="member",
        datetime_col="paid_at",
        monetary_value_col="amount",
        observation_period_end=at,
        time_unit="D",
    )


class InChdb:
    """ClickHouse in this process, with the orders in a table of its own in memory."""

    def __init__(self, orders: pandas.DataFrame):
        from chdb import session

        self._session = session.Session()
        self._session.query("CREATE DATABASE bench ENGINE = Atomic")
        self._session.query("USE bench")
        self._session.query(
            "CREATE TABLE orders ENGINE = Memory AS SELECT toUInt32(member) AS member,"
            " toDateTime(paid_at, 'UTC') AS paid_at, toInt64(cents) AS cents FROM Python(orders)"
        )

    def __call__(self, orders: pandas.DataFrame, at: pandas.Timestamp) -> None:
        for step in STEPS:
            self._session.query(step.format(at=f"toDateTime('{at:%Y-%m-%d %H:%M:%S}', 'UTC')"))


def seconds(work, orders: pandas.DataFrame, at: pandas.Timestamp, rounds: int) -> float:
    taken = []
    for _round in range(rounds):
        started = time.perf_counter()
        work(orders, at)
        taken.append(time.perf_counter() - started)
    return median(taken)


def main(path: str, *names: str) -> None:
    with numpy.load(path) as columns:
        orders = pandas.DataFrame(
            {
                "member": columns["member"],
                "paid_at": pandas.to_datetime(columns["paid_at"] // 10**6, unit="s", origin="2000-01-01"),
                "cents": columns["cents"],
            }
        )
    orders["amount"] = orders["cents"] / 100.0
    at = orders.paid_at.max().normalize() + pandas.Timedelta(days=1)
    sys.stdout.write(json.dumps({name: _taken(name, orders, at) for name in names}))


def _taken(name: str, orders: pandas.DataFrame, at: pandas.Timestamp) -> float:
    if name == "chdb":
        return seconds(InChdb(orders), orders, at, ROUNDS)
    # One round of pymc-marketing takes as long as all of the others.
    work, rounds = {"pandas": (by_pandas, ROUNDS), "pymc-marketing": (by_pymc_marketing, 1)}[name]
    return seconds(work, orders, at, rounds)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(*sys.argv[1:])
