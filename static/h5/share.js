// Send the link, or the poster, by the phone's own sheet where it has one. Without it both are on the page.
"use strict";

{
  const share = document.querySelector("[data-share-url]");
  const link = share && { title: share.dataset.shareTitle, text: share.dataset.shareText, url: share.dataset.shareUrl };

  // Sent: where the task counts that, say so.
  const send = (data) => navigator.share(data).then(
    () => document.querySelector("form[data-shared]")?.requestSubmit(),
    () => { /* They closed the sheet. */ },
  );

  const offerLink = () => {
    const button = share.querySelector("[data-share-link]");
    button.hidden = false;
    button.addEventListener("click", () => send(link));
  };

  // The sheet opens only right after a tap, so the picture is made ready when the poster is shown.
  const offerPicture = async () => {
    const answer = await fetch(share.dataset.sharePoster);
    if (!answer.ok) return;
    const data = { files: [new File([await answer.blob()], "poster.jpg", { type: "image/jpeg" })] };
    if (!navigator.canShare(data)) return;
    const button = share.querySelector("[data-share-picture]");
    button.hidden = false;
    button.addEventListener("click", () => send(data));
  };

  if (link && navigator.share) {
    offerLink();
    const poster = share.querySelector(".share-poster");
    if (navigator.canShare) poster.addEventListener("load", () => offerPicture().catch(() => {}), { once: true });
  }
}
