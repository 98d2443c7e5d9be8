// Every draw: ask the server once, let the stage play what it decided, show the result. Without this the form posts to a
// result page. A stage listens on the form: `qm:asked` (the answer is on its way), `qm:decided` (hand what it plays to
// `until`), `qm:lost` (no answer) and `qm:again` (the next draw).
"use strict";

{
  const PATIENCE = 10000;
  const CONFETTI = ["#ffc53d", "#ff7a45", "#ff4d4f", "#73d13d", "#40a9ff", "#fff1b8"];
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  const form = document.querySelector("form[data-draw]");
  const won = document.querySelector("[data-won]");
  const lost = document.querySelector("[data-lost]");
  const next = document.querySelector("[data-next]");
  let busy = false;
  let tapped = null;
  let last = null;

  const tell = (name, detail = {}) => form.dispatchEvent(new CustomEvent(name, { detail: { calm, tapped, ...detail } }));

  // Returns null where the page itself has the words: refused, signed out, closed. Throws where nothing was heard.
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
      if (answer.status >= 500) throw new Error(answer.statusText);
      if (!(answer.headers.get("Content-Type") || "").startsWith("application/json")) return null;
      const told = await answer.json();
      return told.refused ? null : told;
    } finally {
      clearTimeout(timer);
    }
  };

  const play = (answer) => {
    const plays = [];
    tell("qm:decided", { answer, until: (play) => plays.push(play) });
    return Promise.allSettled(plays);
  };

  const celebrate = () => {
    if (calm || !won.animate) return;
    if (navigator.vibrate) navigator.vibrate(30);
    // A sheet of its own clips the paper, which would widen the page of a phone.
    const sheet = document.createElement("div");
    sheet.className = "confetti-sheet";
    won.append(sheet);
    setTimeout(() => sheet.remove(), 4000);
    for (let piece = 0; piece < 44; piece += 1) {
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
    const result = won.querySelector("[data-result]");
    result.innerHTML = answer.html;
    result.dispatchEvent(new Event("qm:shown", { bubbles: true }));
    won.showModal();
    won.querySelector("h1").focus();
    if (answer.kind !== "thanks") celebrate();
  };

  const count = (answer) => {
    document.querySelector("[data-left]").innerHTML = answer.left_html;
    document.querySelectorAll("[data-chances]").forEach((badge) => {
      badge.textContent = answer.chances;
      badge.parentElement.hidden = answer.chances === 0;
    });
  };

  const draw = async () => {
    busy = true;
    form.classList.add("waiting");
    lost.hidden = true;
    tell("qm:asked");
    try {
      last = await ask();
    } catch {
      // The key stays: asking again brings the same draw, whether the first request arrived or not.
      busy = false;
      tell("qm:lost");
      lost.hidden = false;
      return;
    } finally {
      form.classList.remove("waiting");
    }
    if (!last) {
      location.reload();
      return;
    }
    form.elements.request_key.value = last.next_request_key;
    await play(last);
    count(last);
    show(last);
    busy = false;
  };

  const onward = () => {
    // The next draw may be from another pool, or cost points: the page has the words for it.
    if (last.stale) location.assign(last.onward);
    else if (last.chances > 0) {
      tell("qm:again");
      (tapped || form.querySelector("[data-go]")).focus();
    } else {
      form.querySelectorAll("[data-go]").forEach((button) => { button.disabled = true; });
      next.innerHTML = last.next_html || "";
      const words = next.querySelector("[data-refusal]");
      if (words) words.focus();
    }
  };

  // The row of pools runs off a narrow screen: show the one that this page is of.
  const current = document.querySelector(".pool-choice [aria-current=page]");
  if (current) current.parentElement.scrollLeft = current.offsetLeft - (current.parentElement.clientWidth - current.offsetWidth) / 2;

  if (form && won.showModal && window.fetch) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (busy) return;
      tapped = event.submitter;
      draw();
    });
    won.addEventListener("close", onward);
    won.addEventListener("click", (event) => {
      const again = event.target.closest("[data-again]");
      if (!again && event.target !== won) return;
      event.preventDefault();
      won.close();
    });
  }
}
