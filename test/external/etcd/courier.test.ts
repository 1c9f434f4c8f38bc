import { EventEmitter, once } from "node:events";
import type { Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import type { Operation } from "../../../src/core/operation.ts";
import { Courier } from "../../../src/external/etcd/courier.ts";
import { Gateway } from "../../../src/external/etcd/gateway.ts";
import { FakeEtcd, serve, type Mood } from "./fake-etcd.ts";

const servers: Server[] = [];
const gateways: Gateway[] = [];
afterEach(() => {
  for (const gateway of gateways.splice(0)) gateway.close();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** One client's courier: what it tells, in words, as it tells it. */
const courierTo = async (etcd: FakeEtcd, ...moods: Mood[]) => {
  const told: string[] = [];
  const news = new EventEmitter();
  const tell = (word: string): void => {
    told.push(word);
    news.emit("told");
  };
  const members = await Promise.all(moods.map((mood) => serve(etcd, mood)));
  servers.push(...members.map(({ server }) => server));
  const own = members.map(({ endpoint }) => new Gateway(endpoint));
  gateways.push(...own);
  const courier = new Courier(own, "run/", {
    now: 1,
    answered: ({ sequence, result }) => tell(`${sequence} ${result === null ? "ask another" : result.ok ? "done" : "not swapped"}`),
    abandoned: () => tell("abandoned"),
    refused: (member, reason) => tell(`refused by ${member}: ${reason}`),
  });
  const until = async (count: number): Promise<readonly string[]> => {
    while (told.length < count) await once(news, "told");
    return told;
  };
  return { courier, until, members };
};

const value = Buffer.from("1");
const put: Operation = { type: "put", key: "k", value };
const get: Operation = { type: "get", key: "k" };
const append: Operation = { type: "append", key: "k", value };
const busy = { status: 429, answer: { message: "etcdserver: too many requests", code: 8 } };
const noLeader = { status: 503, answer: { message: "etcdserver: no leader", code: 14 } };

describe("a request to etcd", () => {
  const cases: readonly (readonly [string, Operation, Mood, string])[] = [
    ["is answered", put, () => "answer", "0 done"],
    ["that reads is asked of another member when the connection breaks", get, () => "hang up", "0 ask another"],
    ["that writes is given up when the connection breaks", put, () => "hang up", "abandoned"],
    ["that writes is given up when it was taken before the connection broke", put, () => "take and hang up", "abandoned"],
    ["that has only read so far is asked of another member", append, () => "hang up", "0 ask another"],
    ["that was not taken is asked of another member", put, () => busy, "0 ask another"],
    ["that writes is given up at an error that says nothing definite", put, () => noLeader, "abandoned"],
    ["that reads is asked of another member at such an error", get, () => noLeader, "0 ask another"],
    ["that is too large ends the run", put, () => ({ status: 429, answer: { message: "received message larger than max", code: 8 } }), "refused by 0: received message larger than max"],
    ["that is not understood ends the run", put, () => ({ status: 400, answer: { message: "illegal base64", code: 3 } }), "refused by 0: illegal base64"],
  ];
  it.each(cases)("%s", async (_, operation, mood, word) => {
    const { courier, until } = await courierTo(new FakeEtcd(), mood);
    courier.carry(0, { client: 0, sequence: 0, operation });
    expect(await until(1)).toEqual([word]);
    expect(courier.reaches(0)).toBe(!["0 ask another", "abandoned"].includes(word));
  });

  it("is asked of another member where nobody listens", async () => {
    const { courier, until, members } = await courierTo(new FakeEtcd(), () => "answer");
    await new Promise((resolve) => members[0]!.server.close(resolve));
    courier.carry(0, { client: 0, sequence: 0, operation: put });
    expect(await until(1)).toEqual(["0 ask another"]);
  });

  it("that writes and has no answer in time is given up, not sent again", async () => {
    const etcd = new FakeEtcd();
    const { courier, until } = await courierTo(etcd, () => "take and say nothing", () => "answer");
    courier.carry(0, { client: 0, sequence: 0, operation: put });
    while (etcd.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    courier.carry(1, { client: 0, sequence: 0, operation: put });
    expect(await until(1)).toEqual(["abandoned"]);
    courier.carry(1, { client: 0, sequence: 1, operation: get });
    expect(await until(2)).toEqual(["abandoned", "1 done"]);
    expect(etcd.asked).toEqual(["/v3/kv/put", "/v3/kv/range"]);
  });

  it("that reads and has no answer in time is sent again", async () => {
    const etcd = new FakeEtcd();
    const { courier, until } = await courierTo(etcd, () => "take and say nothing", () => "answer");
    courier.carry(0, { client: 0, sequence: 0, operation: get });
    courier.carry(1, { client: 0, sequence: 0, operation: get });
    expect(await until(1)).toEqual(["0 done"]);
  });
});
