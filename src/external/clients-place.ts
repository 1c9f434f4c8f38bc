import type { Micros, ReplicaId } from "../core/ids.ts";
import type { ClientsHost } from "../runtime/clients-host.ts";
import { Alarm } from "../runtime/processes/alarm.ts";
import { UsageMeter } from "../runtime/usage-meter.ts";
import { phase, type Phase } from "../runtime/phase.ts";
import type { Place } from "../runtime/place.ts";
import type { Report } from "../runtime/reports.ts";

/** Where the clients of an external system live: this process, a turn for each answer. */
export class ClientsPlace implements Omit<Place, "frames"> {
  now: Micros = 0;
  completed = 0;
  readonly reaches: (member: ReplicaId) => boolean;
  readonly report: (report: Report) => void;
  readonly #began = performance.now();
  readonly #meter = new UsageMeter(() => performance.eventLoopUtilization().idle * 1000, false);
  #clients: ClientsHost | null = null;
  #inTurn = false;
  #alarm: NodeJS.Timeout | undefined;
  #alarmAt: Micros = Infinity;
  #preciseAlarm: Alarm | null = null;

  constructor(reaches: (member: ReplicaId) => boolean, report: (report: Report) => void) {
    this.reaches = reaches;
    this.report = report;
  }

  open(clients: ClientsHost): void {
    this.#clients = clients;
  }

  progressed(completed: number): void {
    this.completed = completed;
  }

  enter(entered: Phase): void {
    this.#meter.enter(entered);
    if (entered === phase.stop) this.report(this.#meter.report());
    this.turn((clients) => clients.enter(entered));
  }

  /** Within a turn: another input of the same turn. */
  turn(input: (clients: ClientsHost) => void): void {
    const clients = this.#clients;
    if (clients === null) return;
    if (this.#inTurn) return input(clients);
    this.#inTurn = true;
    this.now = this.#clock();
    input(clients);
    clients.timers.fire(this.now, (timer) => clients.timer(timer));
    clients.endTurn();
    this.#inTurn = false;
    const { next } = clients.timers;
    if (clients.precise) this.#setPreciseAlarm(next);
    else this.#setAlarm(next);
  }

  close(): void {
    clearTimeout(this.#alarm);
    void this.#preciseAlarm?.close();
    this.#clients = null;
  }

  #setPreciseAlarm(at: Micros): void {
    if (at === Infinity) return;
    this.#preciseAlarm ??= new Alarm(() => this.#clock(), () => this.turn(() => {}));
    this.#preciseAlarm.set(at);
  }

  /** One platform timer, for the earliest deadline. */
  #setAlarm(at: Micros): void {
    if (at === Infinity || this.#alarmAt <= at) return;
    clearTimeout(this.#alarm);
    this.#alarmAt = at;
    this.#alarm = setTimeout(() => {
      this.#alarmAt = Infinity;
      this.turn(() => {});
    }, Math.max(0, Math.ceil((at - this.#clock()) / 1000)));
  }

  #clock(): Micros {
    return Math.floor((performance.now() - this.#began) * 1000);
  }
}
