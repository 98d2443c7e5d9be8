// What was before and after: trees, and which control the last change came from, so that typing a word is one step.
const KEPT = 100;
const ONE_STEP = 1000;

export const begun = (present) => ({ past: [], present, future: [], from: "", at: 0 });

export function changedTo(history, present, from, now) {
  const same = from && from === history.from && now - history.at < ONE_STEP;
  const past = same ? history.past : [...history.past, history.present].slice(-KEPT);
  return { past, present, future: [], from, at: now };
}

export function undone({ past, present, future }) {
  return { past: past.slice(0, -1), present: past.at(-1), future: [present, ...future], from: "", at: 0 };
}

export function redone({ past, present, future }) {
  return { past: [...past, present], present: future[0], future: future.slice(1), from: "", at: 0 };
}
