// Send the link, or the poster, by the phone's own sheet where it has one. Without it both are on the page.
"use strict";

{
  // Sent: where the task counts that, say so.
  const send = (data) => navigator.share(data).then(
    () => document.querySelector("form[data-shared]")?.requestSubmit(),
    () => { /* They closed the sheet. */ },
  );

  const offerLink = (share) => {
    const { shareTitle: title, shareText: text, shareUrl: url } = share.dataset;
    const button = share.querySelector("[data-share-link]");
    button.hidden = false;
    button.addEventListener("click", () => send({ title, text, url }));
  };

  // The sheet opens only right after a tap, so the picture is made ready when the poster is shown.
  const offerPicture = async (share) => {
    const answer = await fetch(share.dataset.sharePoster);
    if (!answer.ok) return;
    const data = { files: [new File([await answer.blob()], "poster.jpg", { type: "image/jpeg" })] };
    if (!navigator.canShare(data)) return;
    const button = share.querySelector("[data-share-picture]");
    button.hidden = false;
    button.addEventListener("click", () => send(data));
  };

  const offer = () => document.querySelectorAll("[data-share-url]:not([data-offered])").forEach((share) => {
    share.dataset.offered = "";
    offerLink(share);
    const shown = () => { offerPicture(share).catch(() => { /* The picture is on the page. */ }); };
    if (navigator.canShare) share.querySelector(".share-poster").addEventListener("load", shown, { once: true });
  });

  if (navigator.share) {
    offer();
    document.addEventListener("htmx:afterSettle", offer);
  }
}
