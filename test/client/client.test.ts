import { keysOf, second, type Operation, type OperationResult } from "paxbench";
import { describe, expect, test } from "vitest";
import { Client, Route } from "../../src/client/client.ts";

const timeout = 2 * second;
const done: OperationResult = { ok: true, value: null };

/** A client of replicas 2, 0, 1, tried in this order. Lines: `send 2: 0`, `timer 2000000`, `completed 0 in 30`. */
const setUp = () => {
  const lines: string[] = [];
  const operations: Operation[] = [];
  const source = {
    next(sequence: number) {
      const operation: Operation = { type: "get", key: String(sequence) };
      operations.push(operation);
      return { operation, shared: sequence % 2 === 1 };
    },
  };
  const unreachable = new Set<number>();
  const client = new Client(7, new Route([2, 0, 1]), source, timeout, {
    reachable: (replica) => !unreachable.has(replica),
    send: (to, { client: name, sequence, operation }) => {
      expect(name).toBe(7);
      expect(operation).toBe(operations[sequence]);
      lines.push(`send ${to}: ${sequence}`);
    },
    setTimer: (delay) => void lines.push(`timer ${delay}`),
    clearTimer: () => void lines.push("clear"),
    completed: (operation, result, latency, shared, sinceSent) => {
      expect(result).toBe(done);
      lines.push(`completed ${keysOf(operation)!.join()} in ${latency}${sinceSent === latency ? "" : ` (${sinceSent})`}${shared ? ", shared" : ""}`);
    },
    failed: () => void lines.push("failed"),
  });
  return { client, unreachable, take: () => lines.splice(0) };
};

const started = () => {
  const set = setUp();
  set.client.start(100);
  expect(set.take()).toEqual(["timer 2000000", "send 2: 0"]);
  return set;
};

test("sends the next request when the reply is in, and reports the latency", () => {
  const { client, take } = started();
  client.reply(0, done, 130);
  expect(take()).toEqual(["clear", "completed 0 in 30", "timer 2000000", "send 2: 1"]);
  client.reply(1, done, 190);
  expect(take()).toEqual(["clear", "completed 1 in 60, shared", "timer 2000000", "send 2: 2"]);
});

describe("without a reply", () => {
  test("a request that is given up is not completed; the next one goes where this one would have gone", () => {
    const { client, take } = started();
    client.timer();
    take();
    client.abandon(500);
    expect(take()).toEqual(["clear", "timer 2000000", "send 0: 1"]);
    client.reply(0, done, 600);
    expect(take()).toEqual([]);
    client.stop();
    client.abandon(700);
    expect([take(), client.busy]).toEqual([["clear"], false]);
  });

  test("the same request goes to the next replica, round and round; latency counts from the first attempt", () => {
    const { client, take } = started();
    for (const replica of [0, 1, 2, 0]) {
      client.timer();
      expect(take()).toEqual(["timer 2000000", `send ${replica}: 0`]);
    }
    client.reply(0, done, 9000);
    expect(take().slice(0, 2)).toEqual(["clear", "completed 0 in 8900"]);
  });

  test("a reply to an earlier attempt is welcome; the client stays with the replica that took over, and returns in time", () => {
    const { client, take } = started();
    client.timer();
    take();
    client.reply(0, done, 500);
    expect(take()).toEqual(["clear", "completed 0 in 400", "timer 2000000", "send 0: 1"]);
    client.reply(1, done, 500 + 10 * timeout);
    expect(take().at(-1)).toBe("send 0: 2");
    client.reply(2, done, 501 + 10 * timeout);
    expect(take().at(-1)).toBe("send 2: 3");
  });

  test("a second reply to the same request, or one to an earlier request, is ignored", () => {
    const { client, take } = started();
    client.reply(0, done, 130);
    take();
    client.reply(0, done, 140);
    client.reply(0, null, 150);
    expect(take()).toEqual([]);
    expect(client.busy).toBe(true);
  });
});

test("a rejected request goes to the next replica after a pause, under the same name", () => {
  const { client, take } = started();
  client.reply(0, null, 130);
  expect(take()).toEqual(["timer 10000"]);
  client.timer();
  expect(take()).toEqual(["timer 2000000", "send 0: 0"]);
  client.reply(0, done, 300);
  expect(take().at(-1), "a rejection is no reason to stay away").toBe("send 2: 1");
});

describe("where it is known who can be reached", () => {
  test("a request skips those who cannot, and the next one is back as soon as they can", () => {
    const { client, take, unreachable } = setUp();
    unreachable.add(2).add(0);
    client.start(100);
    expect(take()).toEqual(["timer 2000000", "send 1: 0"]);
    unreachable.clear();
    client.reply(0, done, 130);
    expect(take().at(-1)).toBe("send 2: 1");
  });

  test("an open request moves on when its replica is lost, and only then", () => {
    const { client, take, unreachable } = started();
    client.lost(0);
    expect(take()).toEqual([]);
    unreachable.add(2);
    client.lost(2);
    expect(take()).toEqual(["timer 2000000", "send 0: 0"]);
  });

  test("where nobody can be reached the request waits for its timeout", () => {
    const { client, take, unreachable } = started();
    for (const replica of [0, 1, 2]) unreachable.add(replica);
    client.lost(2);
    expect(take()).toHaveLength(2);
  });
});

describe("a stopped client", () => {
  test("still pursues its open request, and then asks for nothing", () => {
    const { client, take } = started();
    client.stop();
    client.timer();
    expect(take()).toEqual(["timer 2000000", "send 0: 0"]);
    expect(client.busy).toBe(true);
    client.reply(0, done, 130);
    expect(take()).toEqual(["clear", "completed 0 in 30"]);
    expect(client.busy).toBe(false);
    client.timer(); // fired before it was cleared
    expect(take()).toEqual([]);
  });

  test("does not start", () => {
    const { client, take } = setUp();
    client.stop();
    client.start(0);
    expect(take()).toEqual([]);
  });
});

describe("a client that gives up", () => {
  test("fails when each attempt was rejected: a definite no", () => {
    const { client, take } = started();
    client.reply(0, null, 130);
    client.timer();
    client.reply(0, null, 140);
    client.stop();
    take();
    client.giveUp();
    expect(take()).toEqual(["clear", "failed"]);
    expect([client.busy, client.answered]).toEqual([false, 0]);
    client.reply(0, null, 150);
    expect(take()).toEqual([]);
  });

  test("waits, without a further attempt, for what is said of the last one", () => {
    const { client, take } = started();
    client.reply(0, null, 130);
    client.timer();
    client.giveUp();
    take();
    client.timer();
    client.lost(0);
    expect(take()).toEqual([]);
    client.reply(0, null, 150);
    expect(take()).toEqual(["failed"]);
  });

  test.each([
    ["no reply in time", (client: Client) => client.timer()],
    ["a lost connection", (client: Client) => client.lost(2)],
  ])("does not know after %s, however often it was rejected then", (_what, letDown) => {
    const { client, take } = started();
    letDown(client);
    client.reply(0, null, 130);
    client.timer();
    client.reply(0, null, 140);
    take();
    client.giveUp();
    expect(take()).toEqual(["clear"]);
    expect(client.busy).toBe(true);
    client.reply(0, done, 200);
    expect(take(), "late, and welcome").toEqual(["clear", "completed 0 in 100"]);
    expect([client.busy, client.answered]).toEqual([false, 1]);
  });

  test("counts attempts at the open request alone", () => {
    const { client, take } = started();
    client.timer();
    client.reply(0, done, 130);
    client.reply(1, null, 140);
    take();
    client.giveUp();
    expect(take()).toEqual(["clear", "failed"]);
    expect(client.answered).toBe(1);
  });
});
