import json
import os
from datetime import UTC, datetime
from urllib.error import HTTPError
from urllib.request import Request, urlopen

API = "http://127.0.0.1:8000/api/v1/"


def call(path, body=None, **headers):
    headers |= {"Authorization": f"Api-Key {os.environ['KEY']}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(API + path, data, headers)) as answer:
            return json.load(answer)
    except HTTPError as refused:  # {"code": …, "message": …, "fields": {…}}
        raise SystemExit(refused.read().decode()) from None


call("members/bulk/", [{"uid": "bob-7", "name": "Bob"}])
order = {"order_id": "B-1", "uid": "bob-7", "paid_at": datetime.now(UTC).isoformat(), "amount": "120.00"}
print(call("orders/bulk/", [order]))

[campaign] = call("members/bob-7/eligibility/?campaign=double-twelve")["campaigns"]
for task in campaign["tasks"]:
    print(task["title"], task["state"], task["reason"] and task["reason"]["message"])

here = "campaigns/double-twelve/members/bob-7/"
call(here + "tasks/scratch/submit/", {}, **{"Idempotency-Key": "bob-7-check-in"})
print(call(here + "draws/", {"pool": "scratch"}, **{"Idempotency-Key": "bob-7-draw"})["prize"])
