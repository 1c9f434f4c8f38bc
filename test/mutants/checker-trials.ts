/** Files of histories with the verdicts that the definition gives them: what a checker has to get right. */
import { createRandom, type Random } from "paxbench";
import type { HistoryOperation } from "../../src/check/history.ts";
import { answerValue, callValue } from "../../src/check/operation-json.ts";
import { linearizableHistory } from "../check/linearizability/histories.ts";
import { knownOfManyKeys, knownOfOneKey } from "../check/linearizability/known.ts";
import { multiKeyHistory, wrong } from "../check/linearizability/multi-key-histories.ts";
import { hasOrder } from "../check/linearizability/oracle.ts";
import { multiKeyShapes, shapes } from "../check/linearizability/shapes.ts";

export interface Trial {
  readonly name: string;
  readonly lines: readonly string[];
  /** Looks at the clock until the deadline, and bytes. */
  readonly patience: number;
  readonly memory: number;
  readonly verdict: boolean | "unknown";
}

type Draw = readonly [name: string, draw: (random: Random, operations: number) => HistoryOperation[]];

const draws: readonly Draw[] = [
  ...shapes.map(([name, shape]): Draw => [name, (random, operations) => linearizableHistory(random, { ...shape, operations })]),
  ...multiKeyShapes.map(([name, shape]): Draw => [name, (random, operations) => multiKeyHistory(random, { ...shape, operations })]),
];
const perShape = 60;
const enough = { patience: Infinity, memory: 1e9 };

/**
 * The history as lines, a process an operation. Of those with unknown outcome half end in info. `failed` was told to have
 * failed, though it returned.
 */
const linesOf = (history: readonly HistoryOperation[], failed: HistoryOperation | undefined): string[] => {
  const events = history.flatMap((operation, client) => {
    const { f, key, called, returned } = operation;
    const line = (type: string, value: unknown): string => JSON.stringify({ process: client, type, f, key, value });
    const invoked = { at: called, line: line("invoke", callValue(operation)) };
    if (returned < Infinity) return [invoked, { at: returned, line: operation === failed ? line("fail", null) : line("ok", answerValue(operation)) }];
    return client % 2 === 0 ? [invoked] : [invoked, { at: called + 0.25, line: line("info", callValue(operation)) }];
  });
  return events.sort((a, b) => a.at - b.at).map(({ line }) => line);
};

/** A short one with mistakes, judged by the definition. */
const wrongTrial = ([shape, draw]: Draw, seed: number): Trial[] => {
  const random = createRandom(seed, "wrong trial");
  let history = draw(random, 7);
  if (history.length === 0) return [];
  for (let mistakes = random.below(3); mistakes >= 0; mistakes--) history = wrong(random, history);
  const returned = history.filter((operation) => operation.returned < Infinity);
  const failed = random.below(3) === 0 ? returned[random.below(Math.max(1, returned.length))] : undefined;
  const verdict = hasOrder(history.filter((operation) => operation !== failed));
  return [{ name: `${shape}, with mistakes, seed ${seed}`, lines: linesOf(history, failed), ...enough, verdict }];
};

/** A longer one as a store left it. */
const rightTrial = ([shape, draw]: Draw, seed: number): Trial => ({
  name: `${shape}, seed ${seed}`,
  lines: linesOf(draw(createRandom(seed, "trial"), 30), undefined),
  ...enough,
  verdict: true,
});

/** Too much for a moment, or for little memory: many clients and unknown outcomes, few values, late answers that fit none. */
const hard = ((): string[] => {
  const shape = { operations: 300, clients: 12, keys: 1, mix: ["read", "write", "cas"], value: (random: Random) => random.below(5), unknown: 0.1 } as const;
  const history = linearizableHistory(createRandom(13, "hard"), shape);
  return linesOf(history.map((operation, i) => (i > 150 && operation.f === "read" && operation.returned < Infinity ? { ...operation, result: i % 5 } : operation)), undefined);
})();

export const trials: readonly Trial[] = [
  { name: "little time", lines: hard, patience: 10, memory: 1e9, verdict: "unknown" },
  { name: "little memory", lines: hard, patience: Infinity, memory: 3e5, verdict: "unknown" },
  ...[...knownOfOneKey, ...knownOfManyKeys]
    .filter(([, , history]) => history.length > 0)
    .map(([name, verdict, history]) => ({ name, lines: linesOf(history, undefined), ...enough, verdict })),
  ...draws.flatMap((draw) => Array.from({ length: perShape }, (_, seed) => [...wrongTrial(draw, seed), rightTrial(draw, seed)]).flat()),
];
