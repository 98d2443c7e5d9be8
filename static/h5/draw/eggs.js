// Golden eggs (砸金蛋): the chosen egg breaks and holds what was drawn. Whichever is chosen holds it.
"use strict";

{
  const form = document.querySelector("form[data-draw]");
  const nest = document.querySelector("[data-eggs]");
  const STRIKE = 420;

  if (form && nest) {
    const eggs = [...nest.querySelectorAll("[data-egg]")];
    const hammer = nest.querySelector("[data-hammer]");
    let chosen = null;
    let knocking = null;

    const wait = (time) => new Promise((done) => { setTimeout(done, time); });

    const strike = (iterations) => hammer.animate(
      [
        { transform: "rotate(38deg)" },
        { transform: "rotate(52deg)", offset: 0.35, easing: "cubic-bezier(.6,0,1,.6)" },
        { transform: "rotate(-22deg)", offset: 0.6, easing: "ease-out" },
        { transform: "rotate(38deg)" },
      ],
      { duration: STRIKE, iterations },
    );

    const putAway = () => {
      if (knocking) knocking.cancel();
      knocking = null;
      hammer.toggleAttribute("hidden", true);
    };

    const whole = () => {
      putAway();
      nest.classList.remove("nest-chosen");
      eggs.forEach((egg) => {
        egg.classList.remove("egg-chosen", "egg-cracked", "egg-open");
        egg.querySelector("[data-face]").replaceChildren();
      });
    };

    const breakOpen = async () => {
      if (knocking) knocking.cancel();
      knocking = strike(2);
      setTimeout(() => chosen.classList.add("egg-cracked"), STRIKE * 0.6);
      await knocking.finished;
      putAway();
      chosen.classList.add("egg-open");
      await wait(900);
    };

    form.addEventListener("qm:asked", ({ detail }) => {
      whole();
      // Whoever pays below the eggs leaves the choice to us.
      chosen = eggs.includes(detail.tapped) ? detail.tapped : eggs[1];
      nest.classList.add("nest-chosen");
      chosen.classList.add("egg-chosen");
      if (detail.calm || !hammer.animate) return;
      chosen.append(hammer);
      hammer.toggleAttribute("hidden", false);
      knocking = strike(Infinity);
    });
    form.addEventListener("qm:lost", whole);
    form.addEventListener("qm:again", whole);
    form.addEventListener("qm:decided", ({ detail }) => {
      chosen.querySelector("[data-face]").innerHTML = detail.answer.face_html;
      if (detail.calm || !hammer.animate) chosen.classList.add("egg-cracked", "egg-open");
      else detail.until(breakOpen());
    });
  }
}
