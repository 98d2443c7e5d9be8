// The film stops where a question is asked, and goes on when it is answered. The server has its own clock for the place.
"use strict";

{
  const film = document.querySelector("[data-film]");
  const asked = () => document.querySelector("[data-asked]");
  const next = () => (asked().dataset.next === undefined ? Infinity : Number(asked().dataset.next));
  let furthest = Number(film.dataset.from);

  // Back after a while: the film begins where the member was, but not beyond what is asked next.
  film.addEventListener("loadedmetadata", () => {
    film.currentTime = Math.max(0, Math.min(furthest, next(), film.duration || furthest));
  });

  const reached = () => {
    film.pause();
    const wait = document.querySelector("[data-wait]");
    if (wait) wait.dispatchEvent(new Event("reached"));
    const question = document.querySelector("[data-question] input:not([type=hidden])");
    if (question) question.focus();
  };

  film.addEventListener("timeupdate", () => {
    if (film.currentTime >= next()) reached();
    else if (!film.seeking) furthest = Math.max(furthest, film.currentTime);
  });

  // Forward only as far as has been played.
  film.addEventListener("seeking", () => {
    const most = Math.min(furthest + 1, next());
    if (film.currentTime > most) film.currentTime = most;
  });

  document.addEventListener("htmx:afterSwap", () => {
    if (document.querySelector("[data-question]")) return;
    // Asked a moment too soon by the server's clock: ask again.
    if (film.currentTime >= next()) setTimeout(() => document.querySelector("[data-wait]")?.dispatchEvent(new Event("reached")), 1500);
    else film.play().catch(() => {});
  });
}
