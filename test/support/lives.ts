import { createRandom, type Effects, type Env, type Replica } from "paxbench";
import type { AnyProtocol } from "../../src/testing/simulation.ts";

export type AnyReplica = Replica<unknown, unknown, string>;

const inputs = ["onRequest", "onMessage", "onTimer", "onLink"] as const;

/** What one replica was made of and went through, from a start to a crash or the end of the run. */
export interface Life {
  readonly env: Env;
  /** And that of its random numbers. */
  readonly name: string;
  readonly journal: readonly unknown[];
  readonly inputs: { readonly now: number; readonly method: (typeof inputs)[number]; readonly args: readonly unknown[] }[];
}

/** The protocol, taking down into `lives` all that its replicas are told. */
export const observed = (protocol: AnyProtocol, lives: Life[]): AnyProtocol => {
  const begun = new Map<number, number>();
  return {
    ...protocol,
    create: (env: Env, effects: Effects<unknown, unknown, string>, options: unknown) => {
      const incarnation = begun.get(env.self) ?? 0;
      begun.set(env.self, incarnation + 1);
      const replica: AnyReplica = protocol.create(env, effects, options);
      const life = { env, name: `replica ${env.self}.${incarnation}`, journal: [] as unknown[], inputs: [] as Life["inputs"] };
      lives.push(life);
      const restore = replica.restore.bind(replica);
      /** It may call its own methods. */
      let inside = false;
      replica.restore = (journal) => restore(life.journal = [...journal]);
      for (const method of inputs) {
        const original = replica[method] as ((...args: unknown[]) => void) | undefined;
        if (original === undefined) continue;
        replica[method] = (...args: unknown[]) => {
          if (!inside) life.inputs.push({ now: env.now, method, args });
          const before = inside;
          inside = true;
          original.apply(replica, args);
          inside = before;
        };
      }
      return replica;
    },
  };
};

const isExecution = (line: string): boolean => line.startsWith("execute ");

/**
 * What a replica says and does that lives this life on these records: effects as lines, by input. Executions stand apart,
 * for commands that do not interfere are executed in any order; so are all effects of the restored journal.
 */
export const relived = (protocol: AnyProtocol, options: object, life: Life, seed: number, records: readonly unknown[]) => {
  let caused: string[] = [];
  const env = { ...life.env, now: 0, random: createRandom(seed, life.name) };
  const line = (effect: string) => (...args: unknown[]): void => void caused.push(`${effect} ${JSON.stringify(args)}`);
  const effects = {
    ...Object.fromEntries(
      ["send", "broadcast", "persist", "setTimer", "clearTimer", "forward", "commit", "execute", "reject", "note"].map((name) => [name, line(name)]),
    ),
    ahead: { send: line("ahead.send"), broadcast: line("ahead.broadcast") },
  } as unknown as Effects<unknown, unknown, string>;
  const replica: AnyReplica = protocol.create(env, effects, options);
  replica.restore(records);
  const restored = caused.toSorted();
  const compacted = [...replica.compacted!()];
  caused = [];
  replica.start();
  const done = life.inputs.map(({ now, method, args }) => {
    env.now = now;
    (replica[method] as (...args: unknown[]) => void).apply(replica, [...args]);
    const lines = caused;
    caused = [];
    return { effects: lines.filter((each) => !isExecution(each)), executed: lines.filter(isExecution).toSorted() };
  });
  return { restored, compacted, done, status: replica.status() };
};
