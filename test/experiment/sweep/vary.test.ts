import { describe, expect, it } from "vitest";
import { UsageError } from "paxbench";
import { parseAxis, pointsOf } from "../../../src/experiment/sweep/vary.ts";
import { flagsOf } from "../../support/flags.ts";

describe("what varies", () => {
  it.each<[string, string, readonly string[]]>([
    ["conflict=0,0.02,1", "conflict", ["0", "0.02", "1"]],
    ["clients=1..4", "clients", ["1", "2", "3", "4"]],
    ["clients=1..3,8,16..17", "clients", ["1", "2", "3", "8", "16", "17"]],
    ["topology=lan,../my.json", "topology", ["lan", "../my.json"]],
    ["tag=a=b", "tag", ["a=b"]],
  ])("%s", (text, key, texts) => expect(parseAxis(text)).toEqual({ key, texts }));

  it.each<[string, RegExp]>([
    ["conflict", /^--vary conflict: allowed is KEY=VALUE,VALUE,…$/],
    ["=1", /^--vary =1: allowed is KEY=/],
    ["conflict=", /: an empty value; allowed are values between commas, and ranges such as 1\.\.8$/],
    ["conflict=0,,1", /: an empty value/],
    ["conflict=0,1,0", /: 0 stands there twice$/],
    ["clients=1..3,2", /: 2 stands there twice$/],
    ["clients=8..1", /: range 8\.\.1: allowed are ranges that rise, of at most 1000 values$/],
    ["clients=1..100000", /: range 1\.\.100000: allowed/],
    ["repeat=1,2", /: repeat has one value for all points; allowed: protocol, workload, conflict, .*, any option$/],
    ["out=a,b", /: out has one value for all points/],
  ])("%s is told", (text, complaint) => {
    expect(() => parseAxis(text)).toThrow(UsageError);
    expect(() => parseAxis(text)).toThrow(complaint);
  });
});

it("points are the cross product, flags as flags and options as settings, the last axis fastest", () => {
  const points = pointsOf(flagsOf({ set: ["jitter=5"] }), [
    { key: "clients", texts: ["1", "2"] },
    { key: "batch", texts: ["1", "64"] },
  ]);
  expect(points.map(({ varied }) => varied)).toEqual([
    { clients: 1, batch: 1 }, { clients: 1, batch: 64 }, { clients: 2, batch: 1 }, { clients: 2, batch: 64 },
  ]);
  expect(points.map(({ flags }) => [flags.clients, flags.set])).toEqual([
    ["1", ["jitter=5", "batch=1"]], ["1", ["jitter=5", "batch=64"]], ["2", ["jitter=5", "batch=1"]], ["2", ["jitter=5", "batch=64"]],
  ]);
});
