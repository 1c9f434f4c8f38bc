/** Replicas that count aloud: every millisecond each sends the next number to all others. What anybody hears is kept. */
import {
  defineProtocol, millisecond, uint, union,
  type Effects, type Env, type Infer, type Micros, type Replica, type ReplicaId,
} from "paxbench";
import type { AnyProtocol } from "paxbench/testing";

const messages = union({ number: { life: uint, number: uint } });
const records = union({ life: { life: uint } });
type Message = Infer<typeof messages>;
type JournalRecord = Infer<typeof records>;

export interface Heard {
  readonly at: Micros;
  readonly by: ReplicaId;
  readonly from: ReplicaId;
  /** How often the speaker had started before. */
  readonly life: number;
  /** ms since the speaker's start. */
  readonly number: number;
}


export const createChatter = () => {
  const heard: Heard[] = [];
  const links: string[] = [];
  const create = (env: Env, effects: Effects<Message, JournalRecord, "tick">): Replica<Message, JournalRecord, "tick"> => {
    let life = 0;
    let number = 0;
    return {
      restore(journal) {
        for (const record of journal) life = record.life + 1;
      },
      start() {
        effects.persist({ type: "life", life });
        effects.setTimer("tick", millisecond);
      },
      onRequest() {},
      onMessage: (from, { life, number }) => void heard.push({ at: env.now, by: env.self, from, life, number }),
      onTimer() {
        effects.ahead.broadcast(env.others, { type: "number", life, number: ++number });
        effects.setTimer("tick", millisecond);
      },
      onLink: (peer, up) => void links.push(`${env.now} µs at ${env.self}: ${peer} ${up ? "up" : "down"}`),
      status: () => ({}),
    };
  };
  const protocol: AnyProtocol = defineProtocol({
    name: "chatter", title: "Chatter", summary: "", papers: [], messages, records, timers: ["tick"], options: {}, create,
  });
  return { protocol, heard, links };
};
