KEY=$(.venv/bin/python manage.py create_api_key shop --scope facts --scope eligibility --scope play | sed -n 's/^key: //p')
call() { curl -sS "http://127.0.0.1:8000/api/v1/$1" -H "Authorization: Api-Key $KEY" -H "Content-Type: application/json" "${@:2}"; echo; }

# What the shop knows: a member and an order. Sent twice, they count once.
call members/bulk/ -d '[{"uid": "ann-1024", "name": "Ann"}]'
call orders/bulk/ -d "[{\"order_id\": \"A-1001\", \"uid\": \"ann-1024\", \"paid_at\": \"$(date -Iseconds)\", \"amount\": \"88.00\"}]"

# What to show on the shop's home page: what this member gets, and why not the rest.
call "members/ann-1024/eligibility/?campaign=double-twelve"

# She checks in, which earns her a draw. Sent again with the same Idempotency-Key, the draw is the same draw.
call campaigns/double-twelve/members/ann-1024/tasks/scratch/submit/ -H "Idempotency-Key: check-in-1" -d '{}'
call campaigns/double-twelve/members/ann-1024/draws/ -H "Idempotency-Key: draw-1" -d '{"pool": "scratch"}'
