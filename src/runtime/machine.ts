import { cpus } from "node:os";
import type { Micros } from "../core/ids.ts";
import type { MachineUsage } from "../measure/usage.ts";

/** µs. */
interface Reading {
  readonly at: Micros;
  readonly all: Micros;
  readonly leader: Micros;
}

const read = (): Reading => {
  const { user, system } = process.cpuUsage();
  // What the system counts is in ms.
  const all = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) * 1000;
  return { at: performance.now() * 1000, all, leader: user + system };
};

/** From now on. */
export const machineMeter = (): (() => MachineUsage) => {
  const opened = read();
  return () => {
    const closed = read();
    return { window: closed.at - opened.at, all: closed.all - opened.all, leader: closed.leader - opened.leader };
  };
};
