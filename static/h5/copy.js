// Copy buttons beside codes and links. Without this both can still be selected with one touch.
"use strict";

{
  const byHand = (text) => {
    const field = document.createElement("textarea");
    field.value = text;
    field.setAttribute("readonly", "");
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return byHand(text);
    }
  };

  // Where nothing may be copied: selected, it takes one touch more.
  const select = (button) => {
    const shown = button.closest(".code, .share")?.querySelector("code, .share-link a");
    if (shown) getSelection().selectAllChildren(shown);
  };

  const offer = (root) => root.querySelectorAll("[data-copy]").forEach((button) => {
    button.hidden = false;
    button.querySelector("span").setAttribute("aria-live", "polite");
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button || button.dataset.before) return;
    if (!(await copy(button.dataset.copy))) {
      select(button);
      return;
    }
    const words = button.querySelector("span");
    button.dataset.before = words.textContent;
    words.textContent = button.dataset.copied;
    setTimeout(() => {
      words.textContent = button.dataset.before;
      delete button.dataset.before;
    }, 2000);
  });

  document.addEventListener("qm:shown", (event) => offer(event.target));
  document.addEventListener("htmx:afterSettle", () => offer(document));
  offer(document);
}
