// The lamps: each is a button. The presses are handed in, and the server presses them again.
"use strict";

{
  const { board, press, sizeOf } = globalThis.models;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  const start = (stage) => {
    const [grid, count, again] = ["grid", "count", "again"].map((name) => stage.querySelector(`[data-${name}]`));
    const form = stage.querySelector("form[data-hand-in]");
    const level = Number(stage.dataset.level);
    const size = sizeOf(level);
    const first = board(Number(stage.dataset.seed), level);
    const lamps = [];
    let on = first;
    let presses = [];

    const show = () => {
      lamps.forEach((lamp, cell) => lamp.setAttribute("aria-pressed", String(Boolean(on & (1 << cell)))));
      count.textContent = presses.length;
      again.disabled = !presses.length;
    };

    const hand = () => {
      form.elements.moves.value = presses.join(" ");
      form.hidden = false;
      stage.classList.add("lights-done");
      setTimeout(() => form.requestSubmit(), calm ? 0 : 700);
    };

    const turn = (cell) => {
      if (!on) return;
      on = press(on, size, cell);
      presses.push(cell);
      show();
      if (!on) hand();
    };

    const move = (event) => {
      const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -size, ArrowDown: size };
      const at = lamps.indexOf(document.activeElement);
      const to = at + steps[event.key];
      if (at < 0 || !(to in lamps)) return;
      if (Math.abs(steps[event.key]) === 1 && Math.floor(to / size) !== Math.floor(at / size)) return;
      event.preventDefault();
      lamps[to].focus();
    };

    for (let cell = 0; cell < size * size; cell += 1) {
      const lamp = document.createElement("button");
      lamp.type = "button";
      lamp.className = "lamp";
      const words = stage.dataset.lamp.replace("ROW", Math.floor(cell / size) + 1).replace("COLUMN", (cell % size) + 1);
      lamp.setAttribute("aria-label", words);
      lamp.addEventListener("click", () => turn(cell));
      lamps.push(lamp);
    }
    grid.classList.add(`lights-${size}`);
    grid.append(...lamps);
    grid.addEventListener("keydown", move);
    again.addEventListener("click", () => {
      on = first;
      presses = [];
      show();
    });
    show();
  };

  document.querySelectorAll("[data-lights]").forEach(start);
}
