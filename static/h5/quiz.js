// One question a screen, all of them at hand: no way to the server and back between two questions, and the answers are
// kept on the phone until the shop has them. Without this each question is a page of its own.
"use strict";

{
  // Answers that wait for the network are the member's own work: they outlast a page that was lost.
  const keyOf = (quiz) => `quiz ${location.pathname} ${quiz.dataset.sheet}`;

  const kept = (quiz) => {
    try {
      return JSON.parse(sessionStorage.getItem(keyOf(quiz))) || [];
    } catch {
      return [];
    }
  };

  const keep = (quiz, answers) => {
    try {
      sessionStorage.setItem(keyOf(quiz), JSON.stringify(answers));
    } catch { /* No room, or not allowed: then they are on the page only. */ }
  };

  const start = (quiz) => {
    quiz.dataset.started = "";
    const form = quiz.querySelector("[data-quiz-all]").content.querySelector("form");
    const one = quiz.querySelector("[data-quiz-one]");
    // On a slow phone the first answer is ticked before this script is here: it is the member's, and stays.
    const ticked = [...one.querySelectorAll(".choice input:checked")].map((box) => [box.name, box.value]);
    // So is the place of whoever answers with the keys.
    const held = one.contains(document.activeElement) ? document.activeElement : null;
    one.replaceWith(form);
    window.htmx?.process(form);
    const questions = [...form.querySelectorAll("fieldset")];
    const boxes = [...form.querySelectorAll(".choice input")];
    const [back, next, send] = ["back", "next", "send"].map((name) => form.querySelector(`[data-quiz-${name}]`));
    const way = form.querySelector(".quiz-way");
    const isAnswered = (question) => question.querySelector("input:checked") !== null;
    let at = 0;

    const show = (place, focus) => {
      at = place;
      questions.forEach((question, index) => { question.hidden = index !== at; });
      boxes.forEach((box) => box.closest(".choice").classList.toggle("chosen", box.checked));
      if (way) way.value = at + 1;
      back.hidden = at === 0;
      next.hidden = at === questions.length - 1;
      send.hidden = !next.hidden;
      next.disabled = !isAnswered(questions[at]);
      send.disabled = !questions.every(isAnswered);
      if (focus) (questions[at].querySelector("input:checked") || questions[at].querySelector("input")).focus();
    };

    back.addEventListener("click", () => show(at - 1, true));
    next.addEventListener("click", () => show(at + 1, true));
    form.addEventListener("change", () => {
      keep(quiz, boxes.filter((box) => box.checked).map((box) => [box.name, box.value]));
      show(at, false);
    });
    // Enter goes on, as a tap on the button does; it hands in only where that is what stands there.
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches(".choice input")) return;
      event.preventDefault();
      (next.hidden ? send : next).click();
    });
    // The time is over: what is answered goes in by itself. What is not cannot, and the page says so.
    form.closest("[data-quiz]").addEventListener("qm:over", (event) => {
      if (!questions.every(isAnswered) || form.classList.contains("waiting")) return;
      event.preventDefault();
      form.requestSubmit();
    });

    const earlier = boxes.some((box) => box.checked) ? [] : kept(quiz);
    const given = [...earlier.filter(([name]) => !ticked.some(([other]) => other === name)), ...ticked];
    boxes.forEach((box) => { box.checked ||= given.some(([name, value]) => name === box.name && value === box.value); });
    const wrong = questions.findIndex((question) => question.classList.contains("question-error"));
    const open = questions.findIndex((question) => !isAnswered(question));
    const asked = earlier.length ? (open < 0 ? questions.length - 1 : open) : Number(quiz.dataset.at) - 1;
    show(wrong < 0 ? asked : wrong, held !== null);
    boxes.find((box) => box.name === held?.name && box.value === held.value && !box.closest("[hidden]"))?.focus();
  };

  const startAll = () => document.querySelectorAll("[data-quiz]:not([data-started])").forEach(start);

  startAll();
  // The shop has the answers: whatever it says of them, they are not needed here any more.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const quiz = event.detail.requestConfig?.elt?.closest?.("[data-quiz]");
    if (quiz && event.detail.xhr.status === 200) {
      try {
        sessionStorage.removeItem(keyOf(quiz));
      } catch { /* As above. */ }
    }
  });
  document.addEventListener("htmx:afterSettle", startAll);
}
