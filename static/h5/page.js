// On every page: nothing is sent twice, and a page brought back from memory tells the present.
"use strict";

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.classList.contains("waiting")) {
    event.preventDefault();
    return;
  }
  form.classList.add("waiting");
  // The answer may be lost on the way: after ten seconds the form may be sent again. The server counts it once.
  setTimeout(() => form.classList.remove("waiting"), 10000);
});

// The network let a small update down: say so, and let the same form be sent again.
["htmx:sendError", "htmx:timeout", "htmx:responseError"].forEach((name) => {
  document.addEventListener(name, (event) => {
    event.target.classList.remove("waiting");
    document.querySelectorAll("[data-lost]").forEach((words) => { words.hidden = false; });
  });
});

// Back from the shop: ask how far the purchase is.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  document.querySelectorAll("[data-refresh]").forEach((part) => part.dispatchEvent(new Event("refresh")));
});
