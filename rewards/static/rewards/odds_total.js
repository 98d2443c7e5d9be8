// Shows what the odds of a pool's draft total, exactly, while they are typed.

const SCALE = 1_000_000n;
const NUMBER = /^\s*(\d{1,3})(?:\.(\d{0,4}))?\s*$/;

// "12.5" is 125000 millionths; anything that is not a number with up to four decimals is null.
export function millionths(percent) {
  if (percent.trim() === "") return 0n;
  const parts = NUMBER.exec(percent);
  return parts && BigInt(parts[1] + (parts[2] ?? "").padEnd(4, "0"));
}

export function percent(value) {
  const digits = value.toString().padStart(5, "0");
  return `${digits.slice(0, -4)}.${digits.slice(-4)}`.replace(/\.?0+$/, "");
}

function counts(input) {
  const row = input.closest(".form-row, tr, tbody");
  const gone = row?.querySelector("input[name$='-DELETE']")?.checked;
  return !gone && !input.name.includes("__prefix__");
}

function show(box) {
  const amounts = [...document.querySelectorAll("input[data-odds]")].filter(counts).map((each) => millionths(each.value));
  const left = box.querySelector("[data-left]");
  const unread = amounts.includes(null);
  const total = amounts.reduce((sum, each) => sum + (each ?? 0n), 0n);
  box.hidden = false;
  box.querySelector("[data-total]").textContent = percent(total);
  if (unread) left.textContent = box.dataset.unread;
  else if (total === SCALE) left.textContent = box.dataset.whole;
  else if (total < SCALE) left.textContent = box.dataset.missing.replace("%s", percent(SCALE - total));
  else left.textContent = box.dataset.over.replace("%s", percent(total - SCALE));
  left.classList.toggle("text-green-700", !unread && total === SCALE);
  left.classList.toggle("text-red-700", unread || total !== SCALE);
}

const box = document.getElementById("odds-total");
if (box) {
  for (const event of ["input", "change", "click", "formset:added", "formset:removed"]) {
    document.addEventListener(event, () => requestAnimationFrame(() => show(box)));
  }
  show(box);
}
