import { expect, test } from "vitest";
import { EventQueue } from "../../src/sim/event-queue.ts";
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
