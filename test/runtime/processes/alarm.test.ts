import { EventEmitter, once } from "node:events";
import { expect, test } from "vitest";
import { Alarm } from "../../../src/runtime/processes/alarm.ts";

const clock = (): number => performance.now() * 1000;

test("an alarm rings when it is due and not before; an earlier deadline replaces a later one", async () => {
  const rings = new EventEmitter();
  const alarm = new Alarm(clock, () => rings.emit("ring"));
  for (const waits of [[2000], [60_000_000, 3000], [0]]) {
    const due = clock() + waits.at(-1)!;
    for (const wait of waits) alarm.set(clock() + wait);
    await once(rings, "ring");
    // Two clocks of one machine: they may differ in what they round.
    expect(clock()).toBeGreaterThanOrEqual(due - 10);
  }
});
