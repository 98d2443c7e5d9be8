// Counts the seconds of a page to browse down between two answers of the server, which alone measures.
"use strict";

{
  const tick = () => {
    const left = document.querySelector("[data-browse-left][data-running]");
    if (left) left.textContent = Math.max(Number(left.textContent) - 1, 0);
    setTimeout(tick, 1000);
  };
  setTimeout(tick, 1000);

  // Back from the page: say so at once, instead of at the next beat.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    document.querySelectorAll("[data-browse]").forEach((form) => form.dispatchEvent(new Event("seen")));
  });
}
