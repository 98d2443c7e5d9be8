// A form of the builder saves itself a moment after the last change. What cannot be saved is kept as it was typed;
// what somebody else saved meanwhile is never written over without being asked.
(() => {
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const PAUSE = 1500;
  const AGAIN = 20_000;
  const said = form.querySelector("[data-said]");
  const stale = form.querySelector("[data-stale]");
  const ended = form.querySelector("[data-ended]");
  let timer = 0;
  let sending = null;
  let changed = false;
  let leaving = false;
  let gone = false;

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

  const post = () =>
    fetch(form.dataset.autosave, { method: "POST", body: texts(), headers: { Accept: "application/json" } });

  // Whoever signs in gets a new token against forgery, and so does every page opened from then on.
  const renew = async () => {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const fresh = page.querySelector("form[data-autosave] [name=csrfmiddlewaretoken]");
    if (fresh) form.elements.csrfmiddlewaretoken.value = fresh.value;
    return Boolean(fresh);
  };

  // What was not saved stays in the form: who has to sign in is told so, and where the server or the way to it fails,
  // it is tried again.
  const keep = (words) => {
    changed = true;
    say(words, "kept");
  };

  // Whether a page may follow on this one: what the server answered for can be answered for again.
  const answered = async (response) => {
    const signIn = new URL(ended.querySelector("a").href).pathname;
    if (response.redirected && new URL(response.url).pathname === signIn) {
      ended.hidden = false;
      keep(form.dataset.signedOut);
      return false;
    }
    ended.hidden = true;
    const told = response.status === 200 || response.status === 409;
    if (told && !response.redirected) {
      show(await response.json());
      return true;
    }
    const broken = response.status >= 500;
    if (broken) timer = setTimeout(save, AGAIN);
    keep((broken ? form.dataset.broken : form.dataset.refused).replace("{status}", response.status));
    return !broken;
  };

  const send = async () => {
    changed = false;
    say(form.dataset.saving, "saving");
    try {
      let response = await post();
      if (response.status === 403 && (await renew())) response = await post();
      return await answered(response);
    } catch {
      keep(form.dataset.offline);
      timer = setTimeout(save, AGAIN);
      return false;
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

  // The button saves what was typed last, and waits for what is under way: its form holds the state of the draft that
  // follows from it. Whose session has ended would be led to the sign-in, and who has no connection to a page of the
  // browser's: what is typed would be lost.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (leaving || !(sending || changed)) {
      leaving = true;
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    gone = false;
    // Who has gone elsewhere meanwhile is not called back.
    (changed ? save() : sending).then((reached) => {
      leaving = reached && !gone;
      if (leaving) form.requestSubmit(button);
    });
  });

  window.addEventListener("beforeunload", (event) => {
    gone = true;
    if (changed && !leaving) event.preventDefault();
  });
  // A page that is gone back to is as it was left.
  window.addEventListener("pageshow", () => (leaving = gone = false));
  // Back online, what was not saved is.
  window.addEventListener("online", () => changed && save());
  // Back from the sign-in in another tab, it goes on by itself.
  window.addEventListener("focus", () => ended.hidden || save());
})();
