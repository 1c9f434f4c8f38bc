/** The stages of a run. Who leads it alone moves it on, one by one; every node goes through all of them. */
export const phase = {
  /** Nodes load their modules. */
  load: 0,
  /** Replicas start. */
  start: 1,
  /** Clients carry out what the workload wants to be there before. */
  prepare: 2,
  /** Clients send. */
  warmUp: 3,
  /** So they do, and it counts. */
  measure: 4,
  /** Open requests are answered, no new ones sent. */
  drain: 5,
  /** Replicas that lag catch up. */
  settle: 6,
  /** Nodes report and end. */
  stop: 7,
} as const;
export type Phase = (typeof phase)[keyof typeof phase];
