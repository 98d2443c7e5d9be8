// Of every game's page: the way to play is there for who has scripts, and a result that an outside game brought is sent.
"use strict";

{
  document.querySelectorAll("[data-scripted]").forEach((part) => { part.hidden = false; });
  document.querySelectorAll("[data-unscripted]").forEach((part) => part.remove());

  // #round=…&score=…&moves=…&signature=…, as the game's own page leads back.
  document.querySelectorAll("form[data-brought]").forEach((form) => {
    const brought = new URLSearchParams(location.hash.slice(1));
    if (!brought.has("signature")) return;
    history.replaceState(null, "", location.pathname + location.search);
    brought.forEach((value, name) => {
      const field = form.elements.namedItem(name);
      if (field && field.matches("[data-brings]")) field.value = value;
    });
    form.requestSubmit();
  });
}
