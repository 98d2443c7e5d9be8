// What the server is asked. `addresses` are those that the field in the page names.

const csrf = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

async function json(answer) {
  const told = await answer.json().catch(() => null);
  if (answer.ok && told) return told;
  throw new Error(told?.message || `${answer.status}`);
}

export async function askFields(addresses) {
  return json(await fetch(addresses.fields, { headers: { Accept: "application/json" } }));
}

export async function askLive(addresses, rule, signal) {
  const body = JSON.stringify({ rule, segment: addresses.segment ? Number(addresses.segment) : null });
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf() };
  return json(await fetch(addresses.live, { method: "POST", headers, body, signal }));
}

const seen = new Map();

/** Return [[value, words], …] for what is typed; the same question is asked once. */
export async function askValues(addresses, of, text) {
  const question = `${addresses.values}?${new URLSearchParams({ of, q: text })}`;
  if (!seen.has(question)) {
    const asked = fetch(question).then(json).then((told) => told.values);
    asked.catch(() => seen.delete(question));
    seen.set(question, asked);
  }
  return seen.get(question);
}
