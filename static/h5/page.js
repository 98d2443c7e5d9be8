// On every page: nothing is sent twice, a page brought back from memory tells the present, and being offline is said.
"use strict";

// A page in memory is of the past; without a network it is still better than none.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  if (navigator.onLine) location.reload();
  else addEventListener("online", () => location.reload(), { once: true });
});

{
  // How long the answer to a form may take before it may be sent again. Pictures take their time.
  const PATIENCE = 10000;
  const PATIENCE_WITH_FILES = 120000;
  // How long a form whose answer never came is remembered, as the server's cookie is (config/answered_forms.py).
  const REMEMBERED = 600000;

  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);
  const tellLost = () => each("[data-lost]", (words) => { words.hidden = false; });

  // Without a network: the page says so, and a form stays where it is, with all that was filled in.
  const tellNetwork = () => {
    each("[data-offline]", (words) => { words.hidden = navigator.onLine; });
    if (navigator.onLine) each("[data-unsent]", (words) => { words.hidden = true; });
  };
  addEventListener("online", tellNetwork);
  addEventListener("offline", tellNetwork);
  tellNetwork();

  // The key of a form that was sent to this path and whose answer never came: the page may have been loaded anew since.
  const unanswered = (path) => {
    try {
      const [sent, key, at] = JSON.parse(sessionStorage.getItem("sent")) || [];
      const answered = /(?:^|; )answered=([^;]*)/.exec(document.cookie)?.[1].includes(key);
      return sent === path && !answered && Date.now() - at < REMEMBERED ? key : null;
    } catch {
      return null;
    }
  };

  const keepKey = (form) => {
    const field = form.elements.namedItem("request_key");
    if (!field) return;
    const path = new URL(form.getAttribute("action") || "", location.href).pathname;
    const before = unanswered(path);
    if (before) {
      field.value = before;
      return;
    }
    try {
      sessionStorage.setItem("sent", JSON.stringify([path, field.value, Date.now()]));
    } catch { /* No room, or not allowed: then the key is in the page alone. */ }
  };

  // Before anybody else who listens to forms. Told once, a second tap goes through: a phone may be wrong about itself.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (navigator.onLine || form.dataset.held !== undefined) {
      if (form.matches("[data-once]")) keepKey(form);
      return;
    }
    form.dataset.held = "";
    event.preventDefault();
    event.stopImmediatePropagation();
    tellNetwork();
    each("[data-unsent]", (words) => { words.hidden = false; });
  }, true);

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]")) return;
    if (form.classList.contains("waiting")) {
      event.preventDefault();
      return;
    }
    form.classList.add("waiting");
    // The answer may be lost on the way: then the form may be sent again. The server counts it once.
    setTimeout(() => {
      form.classList.remove("waiting");
      if (form.isConnected) tellLost();
    }, form.enctype === "multipart/form-data" ? PATIENCE_WITH_FILES : PATIENCE);
  });

  // The network let a small update down: say so, and let the same form be sent again.
  ["htmx:sendError", "htmx:timeout"].forEach((name) => {
    document.addEventListener(name, (event) => {
      event.target.classList.remove("waiting");
      tellLost();
    });
  });

  // The server answered, but not with the page that was asked for. What is wrong with a form is shown like any answer;
  // signed out, or gone: the page itself, loaded again, has the words for it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { status } = event.detail.xhr;
    if (status < 400) return;
    event.detail.requestConfig?.elt?.classList?.remove("waiting");
    if (status === 422) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    } else if (status < 500) location.reload();
    else tellLost();
  });

  // Back to the page of a form: by the history, which keeps what was filled in.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-back]");
    if (!link || link.href !== document.referrer || history.length < 2) return;
    event.preventDefault();
    history.back();
  });

  // Back from the shop: ask how far the purchase is.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    each("[data-refresh]", (part) => part.dispatchEvent(new Event("refresh")));
  });

  // A worker keeps the page for who has no network. It comes with the second page of a visit, when all the rest is there:
  // the first view loads nothing for it. Where the house has none, it goes.
  const keep = async () => {
    const { worker } = document.documentElement.dataset;
    if (worker && document.referrer.startsWith(`${location.origin}/`)) await navigator.serviceWorker.register(worker, { updateViaCache: "none" });
    else if (!worker) await (await navigator.serviceWorker.getRegistration())?.unregister();
  };
  const later = window.requestIdleCallback || ((act) => setTimeout(act, 2000));
  if ("serviceWorker" in navigator) {
    addEventListener("load", () => later(() => keep().catch(() => { /* Private browsing, an old WebView: without. */ })));
  }
}
