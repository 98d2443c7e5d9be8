// The wheel (大转盘) turns while the answer is on its way, and comes to rest at the prize that was drawn.
"use strict";

{
  const form = document.querySelector("form[data-draw]");
  const wheel = document.querySelector("[data-wheel]");
  let turned = 0;
  let turning = null;

  const turn = (to, options) => {
    if (turning) turning.cancel();
    const frames = [{ transform: `rotate(${turned}deg)` }, { transform: `rotate(${to}deg)` }];
    turning = wheel.animate(frames, { fill: "forwards", ...options });
    return turning;
  };

  // Where the wheel is now, however it got there.
  const hold = () => {
    const at = new DOMMatrix(getComputedStyle(wheel).transform);
    turned = (Math.atan2(at.b, at.a) * 180 / Math.PI + 360) % 360;
  };

  const restAt = (prize) => {
    const sector = wheel.querySelector(`[data-prize="${CSS.escape(prize)}"]`);
    if (!sector) return null;
    // Anywhere inside the sector, so that it does not look arranged, but clear of its borders.
    const width = 360 / wheel.querySelectorAll("[data-prize]").length;
    return 360 - Number(sector.dataset.angle) + (Math.random() - 0.5) * width * 0.6;
  };

  if (form && wheel && wheel.animate) {
    form.addEventListener("qm:asked", ({ detail }) => {
      if (!detail.calm) turn(turned + 360, { duration: 900, iterations: Infinity });
    });
    form.addEventListener("qm:lost", () => {
      if (turning) turning.cancel();
      turned = 0;
    });
    form.addEventListener("qm:decided", ({ detail }) => {
      const rest = restAt(detail.answer.prize);
      if (detail.calm || rest === null) return;
      hold();
      const target = 4 * 360 + rest;
      detail.until(turn(target, { duration: 4000, easing: "cubic-bezier(.14,.66,.1,1)" }).finished);
      turned = target % 360;
    });
  }
}
