/** Time in whole microseconds since the start of the run. */
export type Micros = number;

export const millisecond: Micros = 1_000;
export const second: Micros = 1_000_000;

/** 0 … n-1. At most 31 replicas: a `ReplicaSet` is a bit mask. */
export type ReplicaId = number;
export const maxReplicas = 31;

declare const replicaSet: unique symbol;
/** A set of replicas as a bit mask, so that a vote costs an OR and a quorum test a population count. */
export type ReplicaSet = number & { readonly [replicaSet]: true };

export const noReplicas = 0 as ReplicaSet;

/** Replicas 0 … count-1. */
export const firstReplicas = (count: number): ReplicaSet => ((2 ** count - 1) | 0) as ReplicaSet;

export const replicaSetOf = (replicas: Iterable<ReplicaId>): ReplicaSet => {
  let set = noReplicas;
  for (const replica of replicas) set = withReplica(set, replica);
  return set;
};

export const withReplica = (set: ReplicaSet, replica: ReplicaId): ReplicaSet => (set | (1 << replica)) as ReplicaSet;

export const withoutReplica = (set: ReplicaSet, replica: ReplicaId): ReplicaSet =>
  (set & ~(1 << replica)) as ReplicaSet;

export const hasReplica = (set: ReplicaSet, replica: ReplicaId): boolean => (set & (1 << replica)) !== 0;

export const sizeOf = (set: ReplicaSet): number => {
  let bits = set - ((set >> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >> 2) & 0x33333333);
  return (((bits + (bits >> 4)) & 0x0f0f0f0f) * 0x01010101) >> 24;
};

/** Members in rising order. */
export const membersOf = (set: ReplicaSet): ReplicaId[] => {
  const members: ReplicaId[] = [];
  for (let rest: number = set; rest !== 0; rest &= rest - 1) members.push(31 - Math.clz32(rest & -rest));
  return members;
};

/** Smallest number of replicas of which any two sets share one: ⌊n/2⌋+1. */
export const majorityOf = (replicas: number): number => Math.floor(replicas / 2) + 1;
