import { describe, expect, test } from "vitest";
import { sound } from "../../src/network/condition.ts";
import type { Topology } from "../../src/network/topology.ts";
import { Shaping, shapingLimit } from "../../src/runtime/shaping.ts";
import { FrameQueue } from "../../src/transport/frames.ts";
import { settingsWith } from "./fixtures/settings.ts";

const topology: Topology = {
  name: "skewed",
  sites: ["A", "B", "C"],
  rttMs: [
    [0, 10, 40],
    [20, 0, 60],
    [40, 60, 0],
  ],
};
/** After the replicas. */
const clients = 3;

const nobody = (): never => expect.unreachable("a link was given up");

/** Sends one byte at time 0 to `to`, for a client of `site`; when it is handed on, µs. Null: at once, past the shaping. */
const handedOn = (self: number, to: number, site = 0): number | null => {
  const shaping = new Shaping(self, settingsWith({ topology }));
  const frames = shaping.frames(to, site);
  if (frames === undefined) return null;
  frames.push(new Uint8Array(1), 1);
  const out = new FrameQueue();
  shaping.flush(0, () => out, nobody);
  const { next } = shaping;
  expect(out.empty).toBe(true);
  shaping.flush(next, () => out, nobody);
  expect([out.length, shaping.next]).toEqual([5, Infinity]);
  return next;
};

describe("what a node sends on a topology takes half a round trip of its row", () => {
  test.each([
    ["between replicas", 0, 1, 0, 5000],
    ["and back", 1, 0, 0, 10_000],
    ["from a client to the replica beside it", clients, 1, 1, null],
    ["from a client to another replica", clients, 2, 1, 30_000],
    ["to a client beside the replica", 2, clients, 2, null],
    ["to a client of another site", 2, clients, 0, 20_000],
  ])("%s", (_, self, to, site, expected) => expect(handedOn(self, to, site)).toBe(expected));
});

describe("a node's shaping", () => {
  test("without topology is there only where something is wrong, and tells when a cut ends", () => {
    const shaping = new Shaping(0, settingsWith({}));
    expect([shaping.frames(1, 0), shaping.frames(clients, 1)]).toEqual([undefined, undefined]);
    const ended = [{ ...sound, cut: true }, { ...sound, cut: true, loss: 1 }, { ...sound, loss: 1 }, sound];
    expect(ended.map((condition) => shaping.impose({ to: 1, condition }))).toEqual([false, false, true, false]);
    expect(shaping.frames(1, 0)).toBeDefined();
    expect(shaping.frames(2, 0)).toBeUndefined();
  });

  test("gives up a link that holds too much", () => {
    const shaping = new Shaping(0, settingsWith({ topology }));
    const out = new FrameQueue();
    const lost: string[] = [];
    const half = new Uint8Array(shapingLimit / 2);
    for (let sent = 0; sent < 2; sent++) {
      shaping.frames(1, 0)!.push(half, half.length);
      shaping.flush(0, () => out, (to, reason) => lost.push(`${to}: ${reason}`));
    }
    expect(lost).toEqual(["1: 64 MiB under way"]);
    expect([shaping.next, out.length]).toEqual([Infinity, 0]);
  });

  test("hands on all that is under way when it is to end, and nothing of a link that broke", () => {
    const shaping = new Shaping(0, settingsWith({ topology }));
    const out = [new FrameQueue(), new FrameQueue(), new FrameQueue()];
    for (const to of [1, 2]) shaping.frames(to, 0)!.push(new Uint8Array(1), 1);
    shaping.flush(0, (to) => out[to]!, nobody);
    shaping.clear(1);
    shaping.finish((to) => out[to]!);
    expect(out.map(({ length }) => length)).toEqual([0, 0, 5]);
  });
});
