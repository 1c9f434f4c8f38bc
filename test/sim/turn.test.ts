import { expect, test } from "vitest";
import { noCosts } from "../../src/sim/costs.ts";
import { Turn } from "../../src/sim/turn.ts";

test("a turn takes what the work in it costs, in whole µs; what is left over is the next one's", () => {
  const turn = new Turn({ ...noCosts, turn: 0.75, send: 10, write: 100 }, 3);
  const works = [() => {}, () => {}, () => turn.send(1, new Uint8Array(5)), () => turn.reply(7, 0, null)].map((happens) => {
    happens();
    return turn.charge();
  });
  expect(works).toEqual([0, 1, 111, 101]);
  expect(turn.charged).toBe(213);
});

test("what it sends is taken once, at its end", () => {
  const turn = new Turn(noCosts, 3);
  turn.send(1, new Uint8Array(5));
  turn.reply(7, 3, null);
  turn.work.executed(2);
  const outgoing = { frames: [{ to: 1, frame: new Uint8Array(5) }], replies: [{ client: 7, sequence: 3, result: null }], executed: 2 };
  expect([turn.takeOutgoing(), turn.takeOutgoing()]).toEqual([outgoing, { frames: [], replies: [], executed: 0 }]);
});

test("a crash takes what had not left, and its work is not the next turn's", () => {
  const turn = new Turn({ ...noCosts, turn: 1, send: 10 }, 3);
  turn.send(1, new Uint8Array(5));
  turn.abort();
  expect([turn.charge(), turn.takeOutgoing().frames]).toEqual([1, []]);
});
