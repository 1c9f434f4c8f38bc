import { expect, test } from "vitest";
import { EventQueue } from "../../src/sim/event-queue.ts";
import { Cores } from "../../src/sim/cores.ts";
import { Inbox } from "../../src/sim/inbox.ts";

/** Two inputs of 10 µs each come at 0; `then` happens at 5. When each was taken. */
const takenAt = (then: (inbox: Inbox) => void): (readonly [input: number, at: number])[] => {
  const queue = new EventQueue();
  const taken: (readonly [input: number, at: number])[] = [];
  const inbox = new Inbox(queue, (input) => void taken.push([input, queue.now]));
  inbox.slow(10);
  inbox.put(1, 0, 0, null);
  inbox.put(2, 0, 0, null);
  queue.push(5, { handle: () => then(inbox) }, 0);
  while (queue.run());
  return taken;
};

test.each<[string, (inbox: Inbox) => void, ReturnType<typeof takenAt>]>([
  ["nothing: one after the other", () => {}, [[1, 10], [2, 20]]],
  ["a pause: work under way ends with it", (inbox) => inbox.pause(50), [[1, 50], [2, 60]]],
  ["a shorter pause: the longer one counts", (inbox) => [50, 30].map((end) => inbox.pause(end)), [[1, 50], [2, 60]]],
  ["healing: all at once", (inbox) => inbox.heal(), [[1, 5], [2, 5]]],
  ["healing in a pause", (inbox) => [inbox.pause(50), inbox.heal()], [[1, 5], [2, 5]]],
  ["a crash: none", (inbox) => inbox.clear(), []],
])("%s", (_, then, expected) => {
  expect(takenAt(then)).toEqual(expected);
});

/**
 * Inputs 1, 2 at 0, 3 at 25 and 4 at 100, at a machine that wakes in 5 µs and whose turns take 20 µs and 10 an input;
 * `then` happens at 10. What each turn took and when, and when it ended.
 */
const turnsAt = (then: (inbox: Inbox) => void, most = 0): (readonly [at: number, inputs: readonly number[] | "end"])[] => {
  const queue = new EventQueue();
  const told: (readonly [at: number, inputs: readonly number[] | "end"])[] = [];
  let inputs: number[] = [];
  const turns = {
    wake: 5,
    inputs: most,
    cores: null,
    work: () => {
      told.push([queue.now, inputs]);
      const work = 20 + 10 * inputs.length;
      inputs = [];
      return work;
    },
    end: () => void told.push([queue.now, "end"]),
  };
  const inbox = new Inbox(queue, (input) => void inputs.push(input), turns);
  for (const [input, at] of [[1, 0], [2, 0], [3, 25], [4, 100]] as const) queue.push(at, { handle: () => inbox.put(input, 0, 0, null) }, 0);
  queue.push(10, { handle: () => then(inbox) }, 0);
  while (queue.run());
  return told;
};

test.each<[string, (inbox: Inbox) => void, ReturnType<typeof turnsAt>]>([
  ["all that waits is one turn; the next begins without waking up", () => {}, [[5, [1, 2]], [45, "end"], [45, [3]], [75, "end"], [105, [4]], [135, "end"]]],
  ["a pause: what the turn caused stays until it is over", (inbox) => inbox.pause(70), [[5, [1, 2]], [70, "end"], [70, [3]], [100, "end"], [100, [4]], [130, "end"]]],
  ["healing in a pause: the turn still takes its time", (inbox) => [inbox.pause(70), inbox.heal()], [[5, [1, 2]], [45, "end"], [45, [3]], [75, "end"], [105, [4]], [135, "end"]]],
  ["slow: each input takes more", (inbox) => inbox.slow(1), [[5, [1, 2]], [45, "end"], [45, [3]], [76, "end"], [105, [4]], [136, "end"]]],
  ["a crash: the turn does not end, what comes later is a new life's", (inbox) => inbox.clear(), [[5, [1, 2]], [30, [3]], [60, "end"], [105, [4]], [135, "end"]]],
])("turns: %s", (_, then, expected) => {
  expect(turnsAt(then)).toEqual(expected);
});

test("turns: of as many inputs as are allowed, the others wait for the next one", () => {
  expect(turnsAt(() => {}, 1)).toEqual([[5, [1]], [35, "end"], [35, [2]], [65, "end"], [65, [3]], [95, "end"], [105, [4]], [135, "end"]]);
});

test("turns: a crash while inputs are taken loses the rest of them", () => {
  const queue = new EventQueue();
  const taken: number[] = [];
  const turns = { wake: 0, inputs: 0, cores: null, work: () => 0, end: () => void taken.push(NaN) };
  const inbox: Inbox = new Inbox(queue, (input) => {
    taken.push(input);
    inbox.clear();
  }, turns);
  inbox.put(1, 0, 0, null);
  inbox.put(2, 0, 0, null);
  while (queue.run());
  expect(taken).toEqual([1]);
});

/** Three nodes whose turns take 10 µs share a core; one input each at 0, another one at A at 5; `then` happens at 12. When turns ended. */
const sharingAt = (then: (inboxes: readonly Inbox[]) => void): (readonly [node: string, at: number])[] => {
  const queue = new EventQueue();
  const cores = new Cores(1);
  const ended: (readonly [node: string, at: number])[] = [];
  const inboxes = ["A", "B", "C"].map((node) =>
    new Inbox(queue, () => {}, { wake: 0, inputs: 0, cores, work: () => 10, end: () => void ended.push([node, queue.now]) }),
  );
  for (const inbox of inboxes) inbox.put(0, 0, 0, null);
  queue.push(5, { handle: () => inboxes[0]!.put(0, 0, 0, null) }, 0);
  queue.push(12, { handle: () => then(inboxes) }, 0);
  while (queue.run());
  return ended;
};

test.each<[string, (inboxes: readonly Inbox[]) => void, ReturnType<typeof sharingAt>]>([
  ["one after the other, who comes again behind the others", () => {}, [["A", 10], ["B", 20], ["C", 30], ["A", 40]]],
  ["a crash in a turn: the core is free", ([, b]) => b!.clear(), [["A", 10], ["C", 22], ["A", 32]]],
  ["a crash while waiting", ([, , c]) => c!.clear(), [["A", 10], ["B", 20], ["A", 30]]],
  ["a pause while waiting: the core is for others, and for this one afterwards", ([, , c]) => c!.pause(50), [["A", 10], ["B", 20], ["A", 30], ["C", 60]]],
])("nodes that share a core: %s", (_, then, expected) => {
  expect(sharingAt(then)).toEqual(expected);
});
