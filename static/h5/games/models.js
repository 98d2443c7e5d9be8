// The rules of the games, in whole numbers only: the server plays every round again by the same ones
// (campaigns/games/catching.py and lights.py). Both halves are held to the cases of tests/cases/games/.
"use strict";

{
  // mulberry32: the next number from 0 to n - 1, the same for the same seed.
  const numbers = (seed) => {
    let state = seed >>> 0;
    return (n) => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) % n;
    };
  };
  const whole = Math.floor;

  const TICKS = 20;
  const WIDTH = 320;
  const SPEED = 18;
  const REACH = 34;
  const MARGIN = 24;
  const VALUES = { packet: 1, gold: 5, bomb: -3 };
  const KINDS = ["gold", "bomb", "bomb", ...Array(7).fill("packet")];

  const falls = (seed, seconds) => {
    const [below, total, found] = [numbers(seed), seconds * TICKS, []];
    for (let tick = 10; ; tick += 14 - whole((8 * tick) / total)) {
      const drop = 46 - whole((20 * tick) / total);
      if (tick + drop > total) return found;
      const x = MARGIN + below(WIDTH - 2 * MARGIN + 1);
      found.push({ born: tick, lands: tick + drop, x, kind: KINDS[below(10)] });
    }
  };

  // A round as it is played: `step` goes on by one tick and returns what landed in it, `inputs` is what is handed in.
  const catching = (seed, seconds) => {
    const game = { tick: 0, total: seconds * TICKS, at: WIDTH / 2, target: WIDTH / 2, caught: 0, inputs: [] };
    game.falls = falls(seed, seconds);
    game.score = () => Math.max(game.caught, 0);
    game.step = (wanted) => {
      game.tick += 1;
      if (wanted !== game.target) {
        game.target = wanted;
        game.inputs.push(`${game.tick}:${wanted}`);
      }
      game.at += Math.max(-SPEED, Math.min(SPEED, game.target - game.at));
      const landed = game.falls.filter((fall) => fall.lands === game.tick);
      landed.forEach((fall) => {
        fall.caught = Math.abs(fall.x - game.at) <= REACH;
        if (fall.caught) game.caught += VALUES[fall.kind];
      });
      return landed;
    };
    return game;
  };

  const SIZES = [3, 3, 4, 4, 5];
  const sizeOf = (level) => SIZES[Math.min(level, SIZES.length) - 1];

  const press = (on, size, cell) => {
    const [row, column] = [whole(cell / size), cell % size];
    let next = on ^ (1 << cell);
    if (row) next ^= 1 << (cell - size);
    if (row < size - 1) next ^= 1 << (cell + size);
    if (column) next ^= 1 << (cell - 1);
    if (column < size - 1) next ^= 1 << (cell + 1);
    return next;
  };

  const board = (seed, level) => {
    const [below, size, pressed] = [numbers(seed), sizeOf(level), new Set()];
    let on = 0;
    while (pressed.size < Math.min(level + 1, whole((size * size) / 2)) || !on) {
      const cell = below(size * size);
      if (pressed.has(cell)) continue;
      pressed.add(cell);
      on = press(on, size, cell);
    }
    return on;
  };

  globalThis.models = { numbers, falls, catching, TICKS, WIDTH, SPEED, REACH, VALUES, board, press, sizeOf };
}
