// The wheel. The server decides first; the wheel then turns to what was won. Without this the form posts to a result page.
"use strict";

{
  const TURN = 4200;
  const PATIENCE = 10000;
  const CONFETTI = ["#ffc53d", "#ff7a45", "#ff4d4f", "#73d13d", "#40a9ff", "#fff1b8"];
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  const form = document.querySelector("form[data-draw]");
  const wheel = document.querySelector("[data-wheel]");
  const won = document.querySelector("[data-won]");
  const lost = document.querySelector("[data-lost]");
  let turned = 0;
  let onward = null;

  const ask = async () => {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), PATIENCE);
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
        signal: limit.signal,
      });
      // Refused, signed out or the campaign has closed: the page itself has the words for it.
      if (!(answer.headers.get("Content-Type") || "").startsWith("application/json")) return null;
      return await answer.json();
    } finally {
      clearTimeout(timer);
    }
  };

  const turnTo = (prize) => {
    const sector = wheel.querySelector(`[data-prize="${CSS.escape(prize)}"]`);
    if (!sector || calm || !wheel.animate) return Promise.resolve();
    // Anywhere inside the sector, so that it does not look arranged, but clear of its borders.
    const width = 360 / wheel.querySelectorAll("[data-prize]").length;
    const rest = 360 - Number(sector.dataset.angle) + (Math.random() - 0.5) * width * 0.6;
    const target = turned - (turned % 360) + 5 * 360 + rest;
    const turning = wheel.animate(
      [{ transform: `rotate(${turned}deg)` }, { transform: `rotate(${target}deg)` }],
      { duration: TURN, easing: "cubic-bezier(.12,.72,.08,1)", fill: "forwards" },
    );
    turned = target;
    return turning.finished;
  };

  const celebrate = () => {
    if (calm || !won.animate) return;
    // A sheet of its own clips the paper, which would widen the page of a phone.
    const sheet = document.createElement("div");
    sheet.className = "confetti-sheet";
    won.append(sheet);
    setTimeout(() => sheet.remove(), 4000);
    for (let piece = 0; piece < 60; piece += 1) {
      const paper = document.createElement("i");
      paper.className = "confetti";
      paper.style.left = `${Math.random() * 100}%`;
      paper.style.background = CONFETTI[piece % CONFETTI.length];
      sheet.append(paper);
      paper.animate(
        [
          { transform: "none", opacity: 1 },
          { transform: `translate(${(Math.random() - 0.5) * 160}px, 105vh) rotate(${Math.random() * 1080}deg)`, opacity: 0.9 },
        ],
        { duration: 1600 + Math.random() * 1600, delay: Math.random() * 300, easing: "cubic-bezier(.2,.6,.6,1)" },
      );
    }
  };

  const show = (answer) => {
    won.innerHTML = answer.html;
    won.dispatchEvent(new Event("qm:shown", { bubbles: true }));
    won.showModal();
    won.querySelector("h1").focus();
    if (answer.kind !== "thanks") celebrate();
  };

  const draw = async () => {
    form.classList.add("waiting");
    lost.hidden = true;
    try {
      const answer = await ask();
      if (!answer || answer.refused) {
        location.reload();
        return;
      }
      await turnTo(answer.prize);
      form.elements.request_key.value = answer.next_request_key;
      document.querySelector("[data-left]").innerHTML = answer.left_html;
      form.querySelector("button").disabled = answer.chances === 0;
      onward = answer.stale ? answer.onward : null;
      document.querySelectorAll("[data-chances]").forEach((badge) => {
        badge.textContent = answer.chances;
        badge.parentElement.hidden = answer.chances === 0;
      });
      show(answer);
    } catch {
      // The key stays: asking again brings the same draw, whether the first request arrived or not.
      lost.hidden = false;
    } finally {
      form.classList.remove("waiting");
    }
  };

  if (form && won.showModal && window.fetch) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!form.classList.contains("waiting")) draw();
    });
    // The next draw may be from another pool, or cost points: the page has the words for it.
    won.addEventListener("close", () => {
      if (onward) location.assign(onward);
    });
    won.addEventListener("click", (event) => {
      const again = event.target.closest("[data-again]");
      if (!again && event.target !== won) return;
      event.preventDefault();
      won.close();
    });
  }
}
