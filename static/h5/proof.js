// The chosen picture: shown before it is sent, made smaller where it is large (the shop keeps no more than that anyway),
// refused here where it is too large to be sent, and sent with a bar that shows how far it is. It is drawn, not loaded
// from an address, so the policy of the page needs no exception for it.
"use strict";

{
  const LONGEST_SIDE = 2000;
  const SMALL = 1_500_000;

  const scaled = (picture, longest) => {
    const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const pen = canvas.getContext("2d");
    // A picture without ground gets the one that the shop gives it.
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return canvas;
  };

  const smaller = async (file, picture) => {
    if (file.size <= SMALL) return file;
    const canvas = scaled(picture, LONGEST_SIDE);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", .85); });
    return blob && blob.size < file.size ? new File([blob], "picture.jpg", { type: "image/jpeg" }) : file;
  };

  const chosen = async (input) => {
    const field = input.closest("[data-picture]");
    const [shown, words] = [field.querySelector("[data-shown]"), field.querySelector("[data-too-large]")];
    shown.replaceChildren();
    let [file] = input.files;
    words.hidden = true;
    input.setCustomValidity("");
    if (!file) return;
    try {
      const picture = await createImageBitmap(file);
      file = await smaller(file, picture);
      if (file !== input.files[0]) {
        const carried = new DataTransfer();
        carried.items.add(file);
        input.files = carried.files;
      }
      shown.append(scaled(picture, 640));
    } catch { /* No picture that this browser can read: the shop says so. */ }
    if (file.size > Number(field.dataset.picture)) {
      words.hidden = false;
      input.setCustomValidity(words.textContent);
    }
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-picture] input[type=file]")) chosen(event.target);
  });

  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = event.target.querySelector?.("[data-sent]");
    if (!bar || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.querySelector("progress").value = event.detail.loaded / event.detail.total;
  });
}
