// Lists that are put in order: by dragging with mouse or finger, and by buttons. Each row holds its place in a number,
// which is what is shown and filled in where there is no script. Chains hold theirs in one choice for each place.
(() => {
  const live = document.createElement("p");
  live.className = "sr-only";
  live.setAttribute("role", "status");
  live.setAttribute("aria-live", "polite");
  document.querySelector("#content-main")?.append(live);

  const rowsOf = (list) => [...list.children];

  const number = (list) => {
    const rows = rowsOf(list);
    rows.forEach((row, place) => {
      const input = row.querySelector("[data-position] input");
      if (input) input.value = place + 1;
      row.querySelector("[data-up]").disabled = place === 0;
      row.querySelector("[data-down]").disabled = place === rows.length - 1;
    });
  };

  const settle = (list, row) => {
    number(list);
    const rows = rowsOf(list);
    const words = { name: row.dataset.name, place: rows.indexOf(row) + 1, count: rows.length };
    live.textContent = list.dataset.moved.replace(/\{(\w+)\}/g, (_all, key) => words[key]);
    row.classList.remove("was-moved");
    void row.offsetWidth;
    row.classList.add("was-moved");
    row.querySelector("[data-position] input")?.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const step = (list, row, down, button) => {
    const other = down ? row.nextElementSibling : row.previousElementSibling;
    if (!other) return;
    if (down) other.after(row);
    else other.before(row);
    settle(list, row);
    // At the end of the list the button is out of use: the keyboard stays with the row.
    (button.disabled ? row.querySelector(down ? "[data-up]" : "[data-down]") : button).focus();
  };

  const drag = (list, row, handle, event) => {
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    row.classList.add("is-held");
    const before = rowsOf(list).indexOf(row);
    const move = ({ clientY }) => {
      for (const other of rowsOf(list)) {
        if (other === row) continue;
        const { top, height } = other.getBoundingClientRect();
        const is_after = row.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
        // The others move around the row: taken out of the page for a moment it would lose the finger.
        if (is_after && clientY > top + height / 2) row.before(other);
        else if (!is_after && clientY < top + height / 2) {
          row.after(other);
          break;
        }
      }
    };
    const end = () => {
      handle.removeEventListener("pointermove", move);
      row.classList.remove("is-held");
      if (rowsOf(list).indexOf(row) !== before) settle(list, row);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", end, { once: true });
  };

  for (const list of document.querySelectorAll("[data-ordered]")) {
    if (!list.querySelector("[data-position] input") || !list.querySelector("[data-move]")) continue;
    list.classList.add("can-be-moved");
    for (const row of rowsOf(list)) {
      row.querySelector("[data-move]").hidden = false;
      row.querySelector("[data-up]").addEventListener("click", (event) => step(list, row, false, event.currentTarget));
      row.querySelector("[data-down]").addEventListener("click", (event) => step(list, row, true, event.currentTarget));
      const handle = row.querySelector("[data-handle]");
      handle.addEventListener("pointerdown", (event) => event.button === 0 && drag(list, row, handle, event));
    }
    // The numbers are written only once something is moved: looking changes nothing.
    const rows = rowsOf(list);
    rows.forEach((row, place) => {
      row.querySelector("[data-up]").disabled = place === 0;
      row.querySelector("[data-down]").disabled = place === rows.length - 1;
    });
  }

  // The places of a chain: a button exchanges what is chosen in two of them.
  const words = document.querySelector("[data-steps-words]");
  const exchange = (one, other) => {
    const from = one.querySelector("select");
    const to = other.querySelector("select");
    [from.value, to.value] = [to.value, from.value];
    live.textContent = words.dataset.stepsWords.replace("{name}", to.selectedOptions[0]?.text ?? "");
    to.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const button = (label, icon, move) => {
    const made = document.createElement("button");
    const drawn = document.createElement("span");
    made.type = "button";
    made.setAttribute("aria-label", label);
    drawn.className = "material-symbols-outlined";
    drawn.setAttribute("aria-hidden", "true");
    drawn.textContent = icon;
    made.append(drawn);
    made.addEventListener("click", move);
    return made;
  };
  for (const places of words ? document.querySelectorAll("[data-steps] ol") : []) {
    const items = [...places.children];
    items.forEach((item, place) => {
      const both = document.createElement("span");
      both.className = "build-move";
      const earlier = button(words.dataset.earlier, "arrow_upward", () => {
        exchange(item, items[place - 1]);
        items[place - 1].querySelector("button:not(:disabled)").focus();
      });
      const later = button(words.dataset.later, "arrow_downward", () => {
        exchange(item, items[place + 1]);
        [...items[place + 1].querySelectorAll("button:not(:disabled)")].at(-1).focus();
      });
      earlier.disabled = place === 0;
      later.disabled = place === items.length - 1;
      both.append(earlier, later);
      item.append(both);
    });
  }
})();
