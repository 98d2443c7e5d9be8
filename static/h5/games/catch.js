// The catch game: draws a round and lets the basket be moved; what counts is played by models.js, here and on the server.
"use strict";

{
  const { catching, TICKS, WIDTH, SPEED, VALUES } = globalThis.models;
  const HEIGHT = 400;
  const FLOOR = HEIGHT - 46;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  const start = (stage) => {
    const canvas = stage.querySelector("canvas");
    const form = stage.querySelector("form");
    const [score, left, go] = ["score", "left", "go"].map((name) => stage.querySelector(`[data-${name}]`));
    const game = catching(Number(stage.dataset.seed), Number(stage.dataset.seconds));
    const pen = canvas.getContext("2d");
    const held = new Set();
    const told = [];
    let wanted = game.target;
    let before = game.at;
    let behind = 0;
    let last = null;

    const scale = () => {
      const ratio = Math.min(devicePixelRatio || 1, 2);
      canvas.width = WIDTH * ratio;
      canvas.height = HEIGHT * ratio;
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    };

    const box = (x, y, width, height, round, colour) => {
      pen.fillStyle = colour;
      pen.beginPath();
      if (pen.roundRect) pen.roundRect(x, y, width, height, round);
      else pen.rect(x, y, width, height);
      pen.fill();
    };

    const disc = (x, y, radius, colour) => {
      pen.fillStyle = colour;
      pen.beginPath();
      pen.arc(x, y, radius, 0, 7);
      pen.fill();
    };

    const write = (text, x, y, size, colour) => {
      pen.fillStyle = colour;
      pen.font = `700 ${size}px system-ui, sans-serif`;
      pen.textAlign = "center";
      pen.fillText(text, x, y);
    };

    // Told apart by shape and not by colour alone.
    const ART = {
      packet: (x, y) => {
        box(x - 13, y - 17, 26, 34, 5, "#e02f2f");
        box(x - 13, y - 17, 26, 13, 5, "#b91c1c");
        disc(x, y - 4, 6, "#ffd24d");
      },
      gold: (x, y) => {
        disc(x, y, 16, "#e0a100");
        disc(x, y, 13, "#ffd24d");
        write("★", x, y + 6, 17, "#a86b00");
      },
      bomb: (x, y) => {
        disc(x, y + 2, 16, "#e8e4ee");
        disc(x, y + 2, 14, "#2b2b33");
        box(x - 4, y - 16, 8, 7, 2, "#2b2b33");
        disc(x + 7, y - 17, 4, "#ff8a1f");
        write("−", x, y + 8, 17, "#fff");
      },
    };

    const basket = (x) => {
      box(x - 34, FLOOR - 6, 68, 10, 5, "#8a4b12");
      pen.fillStyle = "#b9702a";
      pen.beginPath();
      pen.moveTo(x - 30, FLOOR + 4);
      pen.lineTo(x + 30, FLOOR + 4);
      pen.lineTo(x + 22, FLOOR + 32);
      pen.lineTo(x - 22, FLOOR + 32);
      pen.fill();
      write("福", x, FLOOR + 25, 17, "#ffe3a3");
    };

    const draw = (part) => {
      const now = game.tick + part;
      pen.clearRect(0, 0, WIDTH, HEIGHT);
      game.falls.forEach((fall) => {
        if (fall.born > now || now >= fall.lands) return;
        ART[fall.kind](fall.x, -20 + ((FLOOR + 12) * (now - fall.born)) / (fall.lands - fall.born));
      });
      basket(before + (game.at - before) * part);
      told.forEach((each) => {
        const age = now - each.tick;
        if (age < 14) write(each.text, each.x, FLOOR - 16 - (calm ? 0 : age * 2), 18, each.colour);
      });
    };

    const step = () => {
      if (held.size === 1) {
        const way = held.has("left") ? -SPEED : SPEED;
        wanted = Math.max(0, Math.min(WIDTH, game.at + way));
      }
      before = game.at;
      game.step(wanted).forEach((fall) => {
        if (!fall.caught) return;
        const value = VALUES[fall.kind];
        told.push({ text: value > 0 ? `+${value}` : `−${-value}`, x: fall.x, tick: game.tick, colour: value > 0 ? "#d97706" : "#dc2626" });
      });
      score.textContent = game.score();
      left.textContent = Math.ceil((game.total - game.tick) / TICKS);
    };

    const over = () => {
      form.elements.score.value = game.score();
      form.elements.moves.value = game.inputs.join(" ");
      form.hidden = false;
      form.requestSubmit();
    };

    const frame = (time) => {
      // A tab that was put away goes on where it was; a slow phone plays slower and not worse.
      behind += Math.min(time - (last === null ? time : last), 250);
      last = time;
      while (behind >= 1000 / TICKS && game.tick < game.total) {
        behind -= 1000 / TICKS;
        step();
      }
      draw(Math.min((behind * TICKS) / 1000, 1));
      if (game.tick < game.total) requestAnimationFrame(frame);
      else over();
    };

    const point = (event) => {
      const field = canvas.getBoundingClientRect();
      wanted = Math.max(0, Math.min(WIDTH, Math.round(((event.clientX - field.left) / field.width) * WIDTH)));
    };

    const KEYS = { ArrowLeft: "left", a: "left", ArrowRight: "right", d: "right" };
    const key = (event, down) => {
      const way = KEYS[event.key];
      if (!way || game.tick >= game.total) return;
      event.preventDefault();
      if (down) held.add(way);
      else held.delete(way);
      if (!held.size) wanted = game.at;
    };

    scale();
    draw(0);
    go.hidden = false;
    go.addEventListener("click", () => {
      go.hidden = true;
      stage.scrollIntoView({ block: "start", behavior: "instant" });
      canvas.focus({ preventScroll: true });
      canvas.addEventListener("pointerdown", point);
      canvas.addEventListener("pointermove", point);
      addEventListener("keydown", (event) => key(event, true));
      addEventListener("keyup", (event) => key(event, false));
      addEventListener("blur", () => held.clear());
      requestAnimationFrame(frame);
    }, { once: true });
  };

  document.querySelectorAll("[data-catch]").forEach(start);
}
