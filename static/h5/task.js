// A move on a task's page changes the page in place: what it brought is what is read and seen next.
"use strict";

{
  // Only after what the member did: what looks by itself whether something came in takes the focus from nobody.
  document.addEventListener("htmx:afterSettle", (event) => {
    const { requestConfig } = event.detail;
    if (requestConfig?.verb !== "post" || requestConfig.triggeringEvent?.type !== "submit") return;
    const main = document.getElementById("main");
    const told = main.querySelector(".field-wrong :is(input, select, textarea), .question-error input")
      || main.querySelector(".messages .notice:not([hidden]), [data-told]");
    if (told && !told.matches("input, select, textarea")) told.tabIndex = -1;
    (told || main).focus({ preventScroll: true });
    told?.scrollIntoView({ block: "nearest" });
  });
}
