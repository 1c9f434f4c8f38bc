import { commandIdOf, noop, type CommandId } from "paxbench";
import { describe, expect, test } from "vitest";
import { Agreement } from "../../src/check/agreement.ts";

const [a, b] = [commandIdOf(1, 0), commandIdOf(2, 1)] as const;
type Decision = readonly [replica: number, position: number, command: CommandId, attributes?: readonly number[]];

const judge = (decisions: readonly Decision[], restarts = true): string[] => {
  const agreement = new Agreement(3, { restarts });
  for (const [replica, position, command, attributes = []] of decisions) agreement.decided(replica, position, command, attributes);
  return agreement.violations.map(({ detail }) => detail);
};

describe("replicas agree that decide", () => {
  test.each<[string, Decision[]]>([
    ["the same, at any pace and in any order", [[0, 1, a], [0, 2, b], [2, 2, b], [1, 1, a], [2, 1, a]]],
    ["one command at two positions, as after a retry", [[0, 1, a], [0, 2, a], [1, 2, a], [1, 1, a]]],
    ["the same attributes", [[0, 1, a, [3, 0, 7]], [1, 1, a, [3, 0, 7]]]],
    ["a no-op", [[0, 1, noop.id], [1, 1, noop.id]]],
    ["the same again, as after a restart", [[0, 1, a], [1, 1, a], [2, 1, a], [0, 1, a]]],
  ])("%s", (_, decisions) => {
    expect(judge(decisions)).toEqual([]);
    expect(judge(decisions, false)).toEqual([]);
  });
});

describe("replicas disagree that decide", () => {
  test.each<[string, Decision[], string]>([
    ["two commands", [[0, 7, a], [2, 7, b]], "position 7: replica 2 decided 1.2, but replica 0 decided 0.1 there before"],
    ["a command and a no-op", [[1, 7, noop.id], [0, 7, a]], "position 7: replica 0 decided 0.1, but replica 1 decided no-op there before"],
    [
      "other attributes",
      [[0, 7, a, [1, 0, 4]], [1, 7, a, [2, 0, 4]]],
      "position 7: replica 1 decided 0.1 (2,0,4), but replica 0 decided 0.1 (1,0,4) there before",
    ],
    [
      "fewer attributes",
      [[0, 7, a, [1, 0]], [1, 7, a, [1]]],
      "position 7: replica 1 decided 0.1 (1), but replica 0 decided 0.1 (1,0) there before",
    ],
    ["another command than they did themselves", [[1, 7, a], [1, 7, b]], "position 7: replica 1 decided 1.2, but replica 1 decided 0.1 there before"],
  ])("%s", (_, decisions, detail) => {
    expect(judge(decisions)).toEqual([detail]);
    expect(judge(decisions, false)).toEqual([detail]);
  });

  test("with what all had decided, when they come back", () => {
    expect(judge([[0, 7, a], [1, 7, a], [2, 7, a], [1, 7, b]])).toHaveLength(1);
  });

  test("is told ten times, not a million", () => {
    const everywhere = Array.from({ length: 1000 }, (_, position): Decision[] => [[0, position, a], [1, position, b]]);
    expect(judge(everywhere.flat())).toHaveLength(10);
  });
});

test("nothing is judged where nobody tells a decision", () => {
  const agreement = new Agreement(3, { restarts: false });
  expect(agreement.judged).toBe(false);
  for (const replica of [0, 1, 2]) agreement.decided(replica, 0, a, []);
  expect(agreement.judged).toBe(true);
});
