// Share by the phone's own sheet where there is one, then say so. Without it the link is copied by hand.
"use strict";

{
  const form = document.querySelector("[data-share]");
  const data = form && { title: form.dataset.shareTitle, url: new URL(form.dataset.share, location).href };

  if (form && navigator.canShare?.(data)) {
    let shared = false;
    // Before page.js notes that the form was sent: this sending is put off.
    form.addEventListener("submit", (event) => {
      if (shared) return;
      event.preventDefault();
      event.stopPropagation();
      navigator.share(data).then(() => {
        shared = true;
        form.requestSubmit();
      }).catch(() => { /* They closed the sheet. */ });
    });
  }
}
