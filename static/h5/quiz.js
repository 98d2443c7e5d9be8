// One question a screen. Without this all questions stand below each other in the same form.
"use strict";

{
  const start = (form) => {
    const questions = [...form.querySelectorAll("fieldset")];
    const steps = form.querySelector("[data-quiz-steps]");
    const [back, next] = [steps.querySelector("[data-quiz-back]"), steps.querySelector("[data-quiz-next]")];
    const send = form.querySelector("[data-quiz-send]");
    let at = Math.max(0, questions.findIndex((question) => question.classList.contains("question-error")));

    const answered = (question) => question.querySelector("input:checked") !== null;

    const mark = () => form.querySelectorAll(".choice").forEach((choice) => {
      choice.classList.toggle("chosen", choice.querySelector("input").checked);
    });

    const show = (place, focus) => {
      at = place;
      questions.forEach((question, index) => { question.hidden = index !== at; });
      back.hidden = at === 0;
      next.hidden = at === questions.length - 1;
      next.disabled = !answered(questions[at]);
      steps.append(send);
      send.hidden = !next.hidden;
      send.disabled = !questions.every(answered);
      if (focus) (questions[at].querySelector("input:checked") || questions[at].querySelector("input")).focus();
    };

    back.addEventListener("click", () => show(at - 1, true));
    next.addEventListener("click", () => show(at + 1, true));
    form.addEventListener("change", () => {
      mark();
      show(at, false);
    });
    steps.hidden = false;
    mark();
    show(at, false);
  };

  document.querySelectorAll("form[data-quiz]").forEach(start);
}
