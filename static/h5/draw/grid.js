// The nine-grid (九宫格): a light runs around while the answer is on its way, slows down and stops at what was drawn.
"use strict";

{
  const form = document.querySelector("form[data-draw]");
  const ring = document.querySelector("[data-ring]");
  const FAST = 70;
  const SLOW = 420;
  let lit = -1;
  let run = 0;

  const cells = ring ? [...ring.querySelectorAll("[data-at]")].sort((a, b) => a.dataset.at - b.dataset.at) : [];
  const wait = (time) => new Promise((done) => { setTimeout(done, time); });

  const light = (at) => {
    lit = at % cells.length;
    cells.forEach((cell, place) => cell.classList.toggle("cell-lit", place === lit));
  };

  const stopsAt = (prize) => {
    const own = cells.filter((cell) => cell.dataset.prize === prize);
    const rest = cells.filter((cell) => "rest" in cell.dataset);
    const stops = own.length ? own : rest;
    return stops.length ? cells.indexOf(stops[Math.floor(Math.random() * stops.length)]) : -1;
  };

  // A later run ends an earlier one.
  const goRound = async () => {
    const own = (run += 1);
    while (own === run) {
      light(lit + 1);
      await wait(FAST);
    }
  };

  const slowDown = async (stop) => {
    run += 1;
    const steps = 2 * cells.length + ((stop - lit + cells.length) % cells.length);
    for (let step = 1; step <= steps; step += 1) {
      light(lit + 1);
      await wait(FAST + (SLOW - FAST) * (step / steps) ** 4);
    }
    cells[stop].classList.add("cell-won");
    await wait(600);
  };

  if (form && cells.length) {
    form.addEventListener("qm:asked", ({ detail }) => {
      cells.forEach((cell) => cell.classList.remove("cell-won"));
      if (!detail.calm) goRound();
    });
    form.addEventListener("qm:lost", () => {
      run += 1;
      cells.forEach((cell) => cell.classList.remove("cell-lit"));
    });
    form.addEventListener("qm:decided", ({ detail }) => {
      const stop = stopsAt(detail.answer.prize);
      if (stop < 0) run += 1;
      else if (detail.calm) light(stop);
      else detail.until(slowDown(stop));
    });
  }
}
