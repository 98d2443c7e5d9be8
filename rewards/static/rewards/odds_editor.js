// The odds of a pool's draft while they are typed: what they total, exactly, and three ways to bring them to 100 %.
// The same arithmetic as rewards/odds_spreading.py, in millionths; tests/cases/odds_spreading.json holds both to it.

const SCALE = 1_000_000;
const NUMBER = /^\s*(\d{1,3})(?:\.(\d{0,4}))?\s*$/;
const sum = (odds) => odds.reduce((total, each) => total + each, 0);

// "12.5" is 125000 millionths; anything that is not a number with up to four decimals is null.
export function millionths(percent) {
  if (percent.trim() === "") return 0;
  const parts = NUMBER.exec(percent);
  return parts && Number(parts[1] + (parts[2] ?? "").padEnd(4, "0"));
}

export function percent(value) {
  const digits = value.toString().padStart(5, "0");
  return `${digits.slice(0, -4)}.${digits.slice(-4)}`.replace(/\.?0+$/, "");
}

// Each returns as many odds as it was given, or null where it cannot be done.
export function giveRest(odds, to) {
  const changed = [...odds];
  changed[to] += SCALE - sum(odds);
  return changed[to] < 0 ? null : changed;
}

export function spreadInProportion(odds) {
  const total = sum(odds);
  if (!total) return spreadEvenly(odds);
  const parts = odds.map((each) => each * SCALE);
  const whole = parts.map((part) => Math.floor(part / total));
  const places = odds.map((_each, place) => place);
  places.sort((a, b) => (parts[b] % total) - (parts[a] % total) || a - b);
  for (const place of places.slice(0, SCALE - sum(whole))) whole[place] += 1;
  return whole;
}

export function spreadEvenly(odds) {
  if (!odds.length) return null;
  const changed = [...odds];
  for (let rest = SCALE - sum(changed); rest; rest = SCALE - sum(changed)) {
    const places = changed.flatMap((each, place) => (rest > 0 || each > 0 ? [place] : []));
    const each = Math.floor(Math.abs(rest) / places.length);
    const more = Math.abs(rest) % places.length;
    places.forEach((place, number) => {
      const part = each + (number < more ? 1 : 0);
      changed[place] = rest > 0 ? changed[place] + part : Math.max(changed[place] - part, 0);
    });
  }
  return changed;
}

const rowOf = (input) => input.closest("tr");
const inputs = () => [...document.querySelectorAll("input[data-odds]")].filter(counts);
const consolation = (input) => rowOf(input)?.querySelector("input[name$='-consolation']")?.checked;

function counts(input) {
  const gone = rowOf(input)?.querySelector("input[name$='-DELETE']")?.checked;
  return !gone && !input.name.includes("__prefix__");
}

function show(box) {
  const typed = inputs();
  const odds = typed.map((input) => millionths(input.value));
  const unread = odds.includes(null);
  const total = sum(odds.map((each) => each ?? 0));
  const left = box.querySelector("[data-left]");
  box.querySelector("[data-total]").textContent = percent(total);
  if (unread) left.textContent = box.dataset.unread;
  else if (total === SCALE) left.textContent = box.dataset.whole;
  else if (total < SCALE) left.textContent = box.dataset.missing.replace("%s", percent(SCALE - total));
  else left.textContent = box.dataset.over.replace("%s", percent(total - SCALE));
  box.classList.toggle("is-whole", !unread && total === SCALE);
  for (const [place, input] of typed.entries()) {
    const bar = input.closest(".odds-input").querySelector("progress");
    if (bar) bar.value = (odds[place] ?? 0) / 10_000;
    const rest = input.closest(".odds-input").querySelector("[data-rest]");
    if (rest) rest.hidden = unread || total === SCALE || !giveRest(odds, place);
  }
  for (const button of box.querySelectorAll("[data-spread]")) {
    button.disabled = unread || total === SCALE || !spread(button.dataset.spread, typed, odds);
  }
}

function spread(how, typed, odds) {
  if (how === "proportion") return typed.length ? spreadInProportion(odds) : null;
  if (how === "evenly") return spreadEvenly(odds);
  const to = typed.findIndex(consolation);
  return to < 0 ? null : giveRest(odds, to);
}

function fill(how) {
  const typed = inputs();
  const changed = spread(how, typed, typed.map((input) => millionths(input.value)));
  changed?.forEach((each, place) => {
    typed[place].value = percent(each);
    typed[place].dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function giveRestTo(input) {
  const typed = inputs();
  const odds = typed.map((each) => millionths(each.value));
  const changed = odds.includes(null) ? null : giveRest(odds, typed.indexOf(input));
  if (!changed) return;
  input.value = percent(changed[typed.indexOf(input)]);
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.focus();
}

const box = document.getElementById("odds-total");
if (box) {
  document.addEventListener("click", (event) => {
    const rest = event.target.closest("[data-rest]");
    if (rest) giveRestTo(rest.closest(".odds-input").querySelector("input[data-odds]"));
  });
  box.hidden = false;
  for (const button of box.querySelectorAll("[data-spread]")) {
    button.addEventListener("click", () => fill(button.dataset.spread));
  }
  // A list that is searched tells jQuery alone what was chosen: htmx and this file hear what the browser itself says.
  window.django?.jQuery(document).on("change", "#prizes-group select", (event) => {
    if (!event.originalEvent) event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });
  for (const event of ["input", "change", "click", "formset:added", "formset:removed"]) {
    document.addEventListener(event, () => requestAnimationFrame(() => show(box)));
  }
  show(box);
}
