// On the page without a network: it tries again by itself once there is one, and leads back to a form that did not get
// through, which this address is not the page of.
"use strict";

{
  const sent = location.pathname === document.body.dataset.offline;
  const again = () => { sent ? history.back() : location.reload(); };

  document.querySelectorAll("[data-again]").forEach((link) => {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      again();
    });
  });
  document.querySelectorAll(sent ? "[data-sent]" : "[data-asked]").forEach((words) => { words.hidden = false; });
  addEventListener("online", again);
}
