import { expect, test } from "vitest";
import { Arrivals } from "../../src/client/arrivals.ts";
import { OpenLoop, shareable } from "../../src/client/open-loop.ts";
import { createRandom } from "../../src/core/random.ts";

/** Two clients, in turn one arrival each millisecond; places of sessions at a distance of 4. */
const setUp = (outstanding: number) => {
  const told: string[] = [];
  const arrivals = new Arrivals({ rate: 1000, arrivals: "fixed" }, 1, 2, createRandom(1, ""));
  const loop = new OpenLoop(arrivals, 2, 4, outstanding, {
    ask: (place, intended) => void told.push(`${place} at ${intended}`),
    dropped: () => void told.push("dropped"),
  });
  loop.start(0);
  return { loop, take: () => told.splice(0) };
};

test("sends what is due, late but timed from when it was due, each open request of a client in a session of its own", () => {
  const { loop, take } = setUp(3);
  loop.arrive(999);
  expect(take()).toEqual([]);
  expect(loop.next).toBe(1000);
  loop.arrive(4500);
  expect(take()).toEqual(["0 at 1000", "1 at 2000", "4 at 3000", "5 at 4000"]);
});

test("a session whose request is over takes the next one", () => {
  const { loop, take } = setUp(3);
  loop.arrive(4000);
  loop.over(4);
  loop.over(1);
  take();
  loop.arrive(7000);
  expect(take()).toEqual(["4 at 5000", "1 at 6000", "8 at 7000"]);
});

test("what arrives at a client with as many open requests as it may have is dropped", () => {
  const { loop, take } = setUp(1);
  loop.arrive(3000);
  expect(take()).toEqual(["0 at 1000", "1 at 2000", "dropped"]);
  loop.over(0);
  loop.arrive(5000);
  expect(take()).toEqual(["dropped", "0 at 5000"]);
});

test("tells which requests a closed-loop client would have sent: none while it waits for an earlier one", () => {
  const { loop } = setUp(9);
  loop.arrive(5000); // client 0: at 1, 3 and 5 ms
  expect(loop.over(4)).toBe(false);
  expect(loop.over(0)).toBe(true);
  expect(loop.over(8)).toBe(false);
  loop.arrive(7000);
  expect(loop.over(8), "the session used last is used first").toBe(true);
  expect(loop.over(1), "another client").toBe(true);
});

test("nothing is sent after the end", () => {
  const { loop, take } = setUp(9);
  loop.stop();
  loop.arrive(1_000_000);
  expect(take()).toEqual([]);
});

test("sessions of a client draw from its operations in turn, each with its slot", () => {
  const drawn: string[] = [];
  const at = shareable({
    next(sequence, slot) {
      drawn.push(`${sequence} at ${slot}`);
      return { operation: { type: "get", key: "k" }, shared: false };
    },
  });
  const [first, second] = [at(0), at(1)];
  for (const session of [first, second, first]) session.next(0);
  expect(drawn).toEqual(["0 at 0", "1 at 1", "2 at 0"]);
});
