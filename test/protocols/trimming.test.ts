/** What every replica has executed is forgotten; what one lacks is not, and nobody misses what is gone. */
import type { Effects, Env, Outbox, Tagged } from "paxbench";
import { ScriptedCluster } from "paxbench/testing";
import { describe, expect, test } from "vitest";
import epaxos from "../../protocols/epaxos/index.ts";
import multipaxos from "../../protocols/multipaxos/index.ts";
import omnipaxos from "../../protocols/omnipaxos/index.ts";
import raft from "../../protocols/raft/index.ts";
import type { AnyProtocol } from "../../src/testing/simulation.ts";

type Cluster = ScriptedCluster<{ type: string }, { type: string }, string, unknown>;

/** By whose timer, at whom, replicas tell how far they are. */
const subjects = [
  { protocol: multipaxos, timer: "heartbeat", at: [0] },
  { protocol: raft, timer: "heartbeat", at: [0] },
  { protocol: omnipaxos, timer: "round", at: [0, 1, 2] },
  { protocol: epaxos, timer: "sweep", at: [0, 1, 2] },
].map(({ protocol, ...rest }) => ({ name: protocol.name, protocol: protocol as unknown as AnyProtocol, ...rest }));

/** Slots, indexes, or instances of replica 0. */
const trimmed = (cluster: Cluster): number[] => cluster.lives.map(({ replica }) => parseInt(String(replica.status()["trimmed"]), 10));

describe.each(subjects)("$name", ({ protocol, timer, at }) => {
  const started = (of = protocol, keep = "1024"): Cluster => {
    const cluster = new ScriptedCluster(of, 3, { trim: "1", keep }) as unknown as Cluster;
    cluster.deliverAll();
    return cluster;
  };

  const beat = (cluster: Cluster): void => {
    for (const replica of at) if (cluster.lives[replica]!.up) cluster.fire(replica, timer);
    cluster.deliverAll();
  };

  /** Commands of replica 0, on one key. */
  const commands = (cluster: Cluster, count: number): void => {
    for (let i = 0; i < count; i++) {
      cluster.request(0, 1);
      cluster.deliverAll();
    }
    beat(cluster);
    beat(cluster);
  };

  test("what all have executed is forgotten by all, and a restarted replica executes it again by itself", () => {
    const cluster = started();
    commands(cluster, 5);
    for (const count of trimmed(cluster)) expect(count).toBeGreaterThanOrEqual(5);
    const before = cluster.executed(1);
    cluster.crash(1);
    cluster.restart(1);
    expect(cluster.executed(1)).toEqual(before);
    cluster.deliverAll();
    commands(cluster, 1);
    expect(cluster.executed(1)).toEqual(cluster.executed(0));
    expect(cluster.executed(1)).toHaveLength(6);
  });

  test("what one replica lacks is kept until it has it", () => {
    const cluster = started();
    commands(cluster, 2);
    const before = trimmed(cluster);
    cluster.crash(2);
    commands(cluster, 4);
    expect(trimmed(cluster)).toEqual(before);
    cluster.restart(2);
    for (const replica of [0, 1]) for (const up of [false, true]) cluster.link(replica, 2, up);
    cluster.deliverAll();
    commands(cluster, 1);
    expect(cluster.executed(2)).toEqual(cluster.executed(0));
    for (const count of trimmed(cluster)) expect(count).toBeGreaterThanOrEqual(7);
  });

  test("what is kept for one that is down has a bound: then commands are rejected, until it has come back and caught up", () => {
    const cluster = started(protocol, "0.02");
    const taken = (): number => cluster.lives[0]!.journal.length;
    cluster.crash(2);
    commands(cluster, 200);
    const [rejected, before] = [cluster.lives[0]!.rejected.length, cluster.executed(0).length];
    expect(rejected).toBeGreaterThan(100);
    expect(rejected + before).toBe(200);
    const records = taken();
    commands(cluster, 1);
    expect([cluster.lives[0]!.rejected.length, cluster.executed(0).length]).toEqual([rejected + 1, before]);
    expect(taken()).toBe(records);
    cluster.restart(2);
    for (const replica of [0, 1]) for (const up of [false, true]) cluster.link(replica, 2, up);
    cluster.deliverAll();
    commands(cluster, 0);
    commands(cluster, 1);
    expect([cluster.lives[0]!.rejected.length, cluster.executed(0).length]).toEqual([rejected + 1, before + 1]);
    expect(cluster.executed(2)).toEqual(cluster.executed(0));
  });

  test("what was told and lost is asked for before there is too much", () => {
    const deaf: AnyProtocol = {
      ...protocol,
      create: (env: Env, effects: Effects<Tagged, Tagged, string>, options: unknown) => {
        const broadcast = effects.broadcast.bind(effects);
        return protocol.create(env, { ...effects, broadcast: (to, message) => message.type !== "executed" && broadcast(to, message) }, options);
      },
    };
    const cluster = started(deaf, "0.02");
    for (let i = 0; i < 6; i++) commands(cluster, 25);
    expect(cluster.lives[0]!.rejected).toEqual([]);
    expect(trimmed(cluster)[0]).toBeGreaterThanOrEqual(100);
  });

  test("messages that come again when what they are about is forgotten change nothing", () => {
    const cluster = started();
    const late: Cluster["inFlight"] = [];
    for (let i = 0; i < 5; i++) {
      cluster.request(0, 1);
      while (cluster.inFlight.length > 0) late.push(cluster.deliver());
    }
    beat(cluster);
    beat(cluster);
    for (const count of trimmed(cluster)) expect(count).toBeGreaterThanOrEqual(5);
    const before = cluster.lives.map((_, replica) => cluster.executed(replica));
    cluster.inFlight.push(...late);
    cluster.deliverAll();
    commands(cluster, 1);
    expect(cluster.lives.map((_, replica) => cluster.executed(replica).slice(0, 5))).toEqual(before);
    expect(cluster.executed(1)).toEqual(cluster.executed(0));
  });

  test("what it tells waits for its journal", () => {
    const sent = { ahead: 0, behind: 0 };
    const count = (outbox: Outbox<Tagged>, kind: keyof typeof sent): Outbox<Tagged> => ({
      send: (to, message) => outbox.send(to, message),
      broadcast: (to, message) => {
        if (message.type === "executed") sent[kind]++;
        outbox.broadcast(to, message);
      },
    });
    const counted: AnyProtocol = {
      ...protocol,
      create: (env: Env, effects: Effects<Tagged, Tagged, string>, options: unknown) =>
        protocol.create(env, { ...effects, ...count(effects, "behind"), ahead: count(effects.ahead, "ahead") }, options),
    };
    commands(started(counted), 5);
    expect(sent).toEqual({ ahead: 0, behind: expect.any(Number) });
    expect(sent.behind).toBeGreaterThanOrEqual(3);
  });
});
