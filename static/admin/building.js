// A form of the builder saves itself a moment after the last change. What cannot be saved is kept as it was typed;
// what somebody else saved meanwhile is never written over without being asked.
(() => {
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const PAUSE = 1500;
  const said = form.querySelector("[data-said]");
  const stale = form.querySelector("[data-stale]");
  let timer = 0;
  let sending = null;
  let changed = false;
  let leaving = false;

  const say = (text, state) => {
    said.textContent = text;
    said.className = `build-said is-${state}`;
  };

  const texts = () => {
    const data = new FormData(form);
    // Pictures go with the button: they are not sent again with every word that is typed.
    for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
    return new URLSearchParams(data);
  };

  const show = (answer) => {
    if (answer.outcome === "stale") {
      stale.hidden = false;
      stale.querySelector("p").textContent = answer.said;
      stale.dataset.token = answer.token;
    } else {
      stale.hidden = true;
      form.elements.token.value = answer.token;
    }
    say(answer.said, answer.outcome);
  };

  const send = async () => {
    changed = false;
    say(form.dataset.saving, "saving");
    try {
      const response = await fetch(form.dataset.autosave, {
        method: "POST",
        body: texts(),
        headers: { Accept: "application/json" },
        redirect: "error",
      });
      if (response.status !== 200 && response.status !== 409) throw new Error(String(response.status));
      show(await response.json());
    } catch {
      changed = true;
      say(form.dataset.offline, "kept");
    }
  };

  const save = () => {
    clearTimeout(timer);
    sending = (sending ?? Promise.resolve()).then(send).finally(() => (sending = null));
    return sending;
  };

  const soon = () => {
    changed = true;
    clearTimeout(timer);
    if (!stale.hidden) return;
    say(form.dataset.unsaved, "unsaved");
    timer = setTimeout(save, PAUSE);
  };

  form.addEventListener("input", soon);
  form.addEventListener("change", (event) => {
    if (event.target.type !== "file") soon();
  });

  form.querySelector("[data-take-over]").addEventListener("click", () => {
    form.elements.token.value = stale.dataset.token;
    stale.hidden = true;
    save();
  });

  // The button waits for what is under way: its form holds the state of the draft that follows from it.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    leaving = true;
    if (!sending) return;
    event.preventDefault();
    const button = event.submitter;
    sending.finally(() => form.requestSubmit(button));
  });

  window.addEventListener("beforeunload", (event) => {
    if (changed && !leaving) event.preventDefault();
  });
  // Back online, what was not saved is.
  window.addEventListener("online", () => changed && save());
})();
