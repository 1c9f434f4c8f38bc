/** The stages of a run. Who leads it alone moves it on, one by one; every node goes through all of them. */
export const phase = {
  /** Nodes load their modules. */
  load: 0,
  /** Replicas start. */
  start: 1,
  /** Clients send. */
  warmUp: 2,
  /** So they do, and it counts. */
  measure: 3,
  /** Open requests are answered, no new ones sent. */
  drain: 4,
  /** Replicas that lag catch up. */
  settle: 5,
  /** Nodes report and end. */
  stop: 6,
} as const;
export type Phase = (typeof phase)[keyof typeof phase];
