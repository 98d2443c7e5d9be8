// The scratch card (刮刮卡): the draw brings the card, and scratching shows what was drawn. A button shows it as well.
"use strict";

{
  const form = document.querySelector("form[data-draw]");
  const box = document.querySelector("[data-scratch]");
  const WIDTH = 38;
  // The card is bare when so much of its middle is: fields of a raster that a stroke has touched.
  const COLUMNS = 12;
  const ROWS = 7;
  const ENOUGH = 0.5;

  if (form && box) {
    const canvas = box.querySelector("[data-canvas]");
    const face = box.querySelector("[data-face]");
    const reveal = box.querySelector("[data-reveal]");
    let pen = null;
    let at = null;
    let touched = new Set();
    let bare = null;

    const cover = () => {
      const { width, height } = canvas.getBoundingClientRect();
      const scale = Math.min(devicePixelRatio || 1, 2);
      canvas.width = width * scale;
      canvas.height = height * scale;
      pen = canvas.getContext("2d");
      pen.scale(scale, scale);
      const foil = pen.createLinearGradient(0, 0, width, height);
      ["#d9dde3", "#f4f6f8", "#c3c9d2", "#e9ecf0", "#b9c0ca"].forEach((tone, place) => foil.addColorStop(place / 4, tone));
      pen.fillStyle = foil;
      pen.fillRect(0, 0, width, height);
      pen.fillStyle = "#4b5360";
      pen.font = `600 18px ${getComputedStyle(document.body).fontFamily}`;
      pen.textAlign = "center";
      pen.fillText(canvas.dataset.words, width / 2, height / 2 + 6, width - 24);
      pen.globalCompositeOperation = "destination-out";
      pen.lineWidth = WIDTH;
      pen.lineCap = "round";
      pen.lineJoin = "round";
      touched = new Set();
    };

    const touch = ({ x, y }, { width, height }) => {
      const column = Math.floor(x / width * COLUMNS);
      const row = Math.floor(y / height * ROWS);
      const inside = column > 0 && column < COLUMNS - 1 && row > 0 && row < ROWS - 1;
      if (inside) touched.add(row * COLUMNS + column);
    };

    const stroke = (event) => {
      const area = canvas.getBoundingClientRect();
      const to = { x: event.clientX - area.left, y: event.clientY - area.top };
      const from = at || to;
      pen.beginPath();
      pen.moveTo(from.x, from.y);
      pen.lineTo(to.x, to.y + 0.1);
      pen.stroke();
      for (let part = 0; part <= 8; part += 1) {
        touch({ x: from.x + (to.x - from.x) * part / 8, y: from.y + (to.y - from.y) * part / 8 }, area);
      }
      at = to;
      if (touched.size >= ENOUGH * (COLUMNS - 2) * (ROWS - 2)) uncover();
    };

    const uncover = () => {
      if (!bare) return;
      const done = bare;
      bare = null;
      reveal.hidden = true;
      canvas.classList.add("scratch-gone");
      setTimeout(done, 700);
    };

    form.addEventListener("qm:asked", () => box.classList.add("scratch-asked"));
    form.addEventListener("qm:lost", () => box.classList.remove("scratch-asked"));
    form.addEventListener("qm:again", () => {
      box.classList.remove("scratch-taken");
      face.replaceChildren();
      canvas.hidden = true;
    });
    form.addEventListener("qm:decided", ({ detail }) => {
      box.classList.remove("scratch-asked");
      box.classList.add("scratch-taken");
      face.innerHTML = detail.answer.face_html;
      if (detail.calm || !canvas.getContext) return;
      canvas.hidden = false;
      canvas.classList.remove("scratch-gone");
      cover();
      reveal.hidden = false;
      reveal.focus({ preventScroll: true });
      detail.until(new Promise((done) => { bare = done; }));
    });
    reveal.addEventListener("click", uncover);
    canvas.addEventListener("pointerdown", (event) => {
      if (!bare) return;
      canvas.setPointerCapture(event.pointerId);
      at = null;
      stroke(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (bare && canvas.hasPointerCapture(event.pointerId)) stroke(event);
    });
  }
}
