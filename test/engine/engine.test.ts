import { commandIdOf, everyKey, noop, type Command, type KeyOperation } from "paxbench";
import { describe, expect, test } from "vitest";
import { DecodeError } from "../../src/core/bytes.ts";
import { keyOf } from "../../src/core/command.ts";
import { forwardTag, rejectTag } from "../../src/engine/frames.ts";
import { commandFrame, commandOf, frameOf, get, mark, Puppet, put, word, type PuppetSettings } from "./puppet.ts";

const started = (settings: PuppetSettings = {}): Puppet => {
  const puppet = new Puppet(settings);
  puppet.engine.restore([], 0);
  puppet.engine.start(0);
  return puppet;
};

/** Runs `step` as what an input causes, at `now`. */
const inStep = (puppet: Puppet, step: () => void, now = 0): string[] => {
  puppet.onTimer = step;
  puppet.engine.timer(0, now);
  return puppet.take().slice(1);
};

describe("durability", () => {
  const slow = { instant: false };

  test.each<[string, PuppetSettings, string[]]>([
    ["on a disk that is durable at once, everything leaves as it is sent", {}, ["to 1: 1", "append 9", "to 1: 2", "to 2: 3", "to 1: 4"]],
    ["what is sent after a record waits for it; `ahead` does not", slow, ["to 1: 1", "append 9", "to 1: 4"]],
  ])("%s", (_, settings, expected) => {
    const puppet = started(settings);
    const { effects } = puppet;
    expect(
      inStep(puppet, () => {
        effects.send(1, word(1));
        effects.persist(mark(9));
        effects.send(1, word(2));
        effects.send(2, word(3));
        effects.ahead.send(1, word(4));
      }),
    ).toEqual(expected);
  });

  test("each message leaves when the records before it are durable, in the order of sending", () => {
    const puppet = started(slow);
    const { effects, engine } = puppet;
    inStep(puppet, () => {
      effects.persist(mark(1));
      effects.send(1, word(10));
      effects.persist(mark(2));
      effects.send(2, word(20));
      effects.broadcast(puppet.env.others, word(21));
    });
    engine.durable(1, 5);
    expect(puppet.take()).toEqual(["to 1: 10"]);
    inStep(puppet, () => effects.send(1, word(22)));
    engine.durable(1, 6);
    expect(puppet.take()).toEqual([]);
    engine.durable(2, 7);
    expect(puppet.take()).toEqual(["to 2: 20", "to 1: 21", "to 2: 21", "to 1: 22"]);
    expect(inStep(puppet, () => effects.send(1, word(30)))).toEqual(["to 1: 30"]);
  });

  test("a held message is what it was when it was sent: frames are made at once, and share no buffer", () => {
    const puppet = started(slow);
    const { effects } = puppet;
    inStep(puppet, () => {
      effects.persist(mark(1));
      for (const number of [1, 2, 300]) effects.send(1, word(number));
      effects.ahead.send(2, word(77));
    });
    puppet.engine.durable(1, 0);
    expect(puppet.take()).toEqual(["to 1: 1", "to 1: 2", "to 1: 300"]);
  });

  test("an own message waits like any other, and then is a step of its own", () => {
    const puppet = started(slow);
    const { effects } = puppet;
    inStep(puppet, () => {
      effects.persist(mark(1));
      effects.broadcast(puppet.env.everyone, word(5));
    });
    expect(puppet.take()).toEqual([]);
    puppet.engine.durable(1, 0);
    expect(puppet.take()).toEqual(["to 1: 5", "to 2: 5", "message 0: 5"]);
  });

  test("what a released message causes may wait for a record of its own", () => {
    const puppet = started(slow);
    const { effects, engine } = puppet;
    puppet.onMessage = () => {
      effects.persist(mark(2));
      effects.send(1, word(6));
    };
    inStep(puppet, () => {
      effects.persist(mark(1));
      effects.send(0, word(5));
    });
    engine.durable(1, 0);
    expect(puppet.take()).toEqual(["message 0: 5", "append 2"]);
    engine.durable(2, 0);
    expect(puppet.take()).toEqual(["to 1: 6"]);
  });
});

describe("own messages", () => {
  test("come back after the step that sent them, first in first out, each a step", () => {
    const puppet = started();
    const { effects } = puppet;
    puppet.onMessage = (_, message) => {
      if (message.type === "word" && message.number < 10) effects.send(0, word(message.number * 10));
    };
    const lines = inStep(puppet, () => {
      effects.send(0, word(1));
      effects.ahead.send(0, word(2));
      effects.broadcast(puppet.env.everyone, word(3));
      effects.send(1, word(4));
    });
    expect(lines).toEqual([
      "to 1: 3", "to 2: 3", "to 1: 4",
      "message 0: 1", "message 0: 2", "message 0: 3", "message 0: 10", "message 0: 20", "message 0: 30",
    ]);
  });

  test("are the object that was sent: no codec, no copy", () => {
    const puppet = started();
    const sent = word(1);
    let received: unknown;
    puppet.onMessage = (_, message) => (received = message);
    inStep(puppet, () => puppet.effects.send(0, sent));
    expect(received).toBe(sent);
  });
});

describe("a journal", () => {
  test("is restored before the start, oldest first", () => {
    const puppet = new Puppet();
    puppet.onStart = () => puppet.effects.send(1, word(1));
    puppet.engine.restore([Uint8Array.of(0, 4), Uint8Array.of(0, 5)], 0);
    puppet.engine.start(0);
    expect(puppet.take()).toEqual(["restore 4", "restore 5", "to 1: 1"]);
  });

  test("is compacted by a protocol that says how", () => {
    const puppet = new Puppet();
    expect(puppet.engine.compacted()).toBeNull();
    puppet.replica.compacted = () => [mark(6), mark(7)];
    expect([...puppet.engine.compacted()!]).toEqual([Uint8Array.of(0, 6), Uint8Array.of(0, 7)]);
  });

  test.each([
    ["cut off", [0]],
    ["of an unknown row", [7, 1]],
    ["with bytes too many", [0, 1, 1]],
  ])("with a record %s is refused, and that record not handed on", (_, bytes) => {
    const puppet = new Puppet();
    expect(() => puppet.engine.restore([Uint8Array.of(0, 4), Uint8Array.from(bytes)], 0)).toThrow(DecodeError);
    expect(puppet.take()).toEqual(["restore 4"]);
  });
});

describe("requests", () => {
  test("that arrive together share commands of at most `batch`, in order; keys are their union", () => {
    const puppet = started({ batch: 2 });
    puppet.requests(0, put(1, 0, "b"), put(2, 0, "a"), get(3, 0, "a"), get(4, 0, "a"), put(5, 0, "c"));
    expect(puppet.take()).toEqual(["request 0.1", "request 0.2", "request 0.3"]);
    expect(puppet.commands.map(({ keys, readOnly }) => ({ keys, readOnly }))).toEqual([
      { keys: [keyOf("a"), keyOf("b")].sort((x, y) => x - y), readOnly: false },
      { keys: [keyOf("a")], readOnly: true },
      { keys: [keyOf("c")], readOnly: false },
    ]);
    puppet.engine.propose();
    expect(puppet.take()).toEqual([]);
  });

  test("fill a command with bytes, too: a large one is its last", () => {
    const puppet = started();
    const large = { client: 2, sequence: 0, operation: { type: "put", key: "b", value: new Uint8Array(2 ** 16) } } as const;
    puppet.requests(0, put(1, 0, "a"), large, put(3, 0, "c"));
    expect(puppet.commands.map(({ keys }) => keys.length)).toEqual([2, 1]);
  });

  test("each end with their latencies and their reply, once, at the replica that took them in", () => {
    const puppet = started();
    puppet.engine.request(put(1, 0, "a", 7), 100);
    puppet.engine.request(put(3, 0, "b"), 100);
    puppet.requests(110, get(2, 0, "a"));
    puppet.take();
    puppet.onTimer = () => puppet.effects.commit(7, puppet.commands[0]!);
    puppet.engine.timer(0, 150);
    puppet.engine.timer(0, 160); // decided is decided
    expect(puppet.take()).toEqual([
      "timer tick at 150", "decided 7 0.1", "committed 50 ×2", "committed 40", "timer tick at 160", "decided 7 0.1",
    ]);
    puppet.onTimer = () => puppet.effects.execute(puppet.commands[0]!);
    puppet.engine.timer(0, 200);
    expect(puppet.take().slice(1)).toEqual([
      "applied write a 1.0", "respond 1.0 ok", "applied write b 3.0", "respond 3.0 ok", "applied read a 2.0", "respond 2.0 ok [7]",
      "executed 100 ×2", "executed 90",
    ]);
  });

  test("on several keys and on all tell the judges so, and answer in one reply", () => {
    const puppet = started();
    puppet.onRequest = (command) => puppet.effects.execute(command);
    const operations = [put(1, 0, "b", 7), get(1, 0, "a"), put(1, 0, "a", 8)].map(({ operation }) => operation as KeyOperation);
    puppet.requests(0, { client: 1, sequence: 0, operation: { type: "txn", operations } });
    puppet.requests(0, { client: 1, sequence: 1, operation: { type: "txn", operations: operations.slice(1, 2) } });
    puppet.requests(0, { client: 1, sequence: 2, operation: { type: "scan", key: "", limit: 5 } });
    expect(puppet.take().filter((line) => !/^(request|committed|executed)/.test(line))).toEqual([
      "applied write b 1.0", "applied write a 1.0 too", "respond 1.0 ok (ok; ok; ok)",
      "applied read a 1.1", "respond 1.1 ok (ok [8])",
      "scanned 1.2", "respond 1.2 ok a: 8; b: 7",
    ]);
    const [both, read, scan] = puppet.commands;
    expect(both).toMatchObject({ readOnly: false, keys: [keyOf("a"), keyOf("b")].toSorted((a, b) => a - b) });
    expect(read).toMatchObject({ readOnly: true, keys: [keyOf("a")] });
    expect(scan).toMatchObject({ readOnly: true, keys: [everyKey] });
  });

  test("that share a command with a scan touch every key", () => {
    const puppet = started();
    puppet.requests(0, put(1, 0, "a", 7), { client: 2, sequence: 0, operation: { type: "scan", key: "", limit: 5 } });
    expect(puppet.commands).toMatchObject([{ readOnly: false, keys: [everyKey] }]);
  });

  test("execution implies the decision", () => {
    const puppet = started();
    puppet.onRequest = (command) => puppet.effects.execute(command);
    puppet.requests(100, put(1, 0, "a"));
    expect(puppet.take()).toEqual(["request 0.1", "committed 0", "applied write a 1.0", "respond 1.0 ok", "executed 0"]);
  });

  test("of another replica take effect without latency or reply", () => {
    const puppet = started();
    const foreign = commandOf(commandIdOf(1, 2), [put(1, 0, "a")]);
    expect(inStep(puppet, () => puppet.effects.execute(foreign))).toEqual(["applied write a 1.0"]);
  });

  test("a no-op has no effect at all: what was decided is told, for the judge", () => {
    const puppet = started();
    expect(inStep(puppet, () => puppet.effects.execute(noop))).toEqual([]);
    expect(inStep(puppet, () => puppet.effects.commit(3, noop, [1, 4]))).toEqual(["decided 3 no-op 1 4"]);
    expect(puppet.engine.executedCommands).toBe(0);
  });
});

describe("retries", () => {
  test("of an executed request are answered from the session, and not proposed", () => {
    const puppet = started();
    puppet.onRequest = (command) => puppet.effects.execute(command);
    puppet.requests(0, put(1, 0, "a", 7));
    puppet.requests(0, get(1, 1, "a"));
    puppet.requests(0, put(2, 0, "a", 8));
    puppet.take();
    puppet.requests(0, get(1, 1, "a"), put(2, 0, "a", 8));
    expect(puppet.take()).toEqual(["respond 1.1 ok [7]", "respond 2.0 ok"]); // as it was then
    puppet.requests(0, put(1, 0, "a", 7));
    expect(puppet.take()).toEqual([]); // the client has its answer: it asked for more since
  });

  test("of a request under way become a command of their own; the request takes effect once, both are answered alike", () => {
    const puppet = started();
    const append = { client: 1, sequence: 0, operation: { type: "append", key: "a", value: Uint8Array.of(7) } } as const;
    puppet.requests(0, append);
    puppet.requests(50, append);
    expect(puppet.take()).toEqual(["request 0.1", "request 0.2"]);
    const [first, second] = puppet.commands as [Command, Command];
    expect(inStep(puppet, () => puppet.effects.execute(second), 60)).toEqual([
      "committed 10", "applied write a 1.0", "respond 1.0 ok", "executed 10",
    ]);
    expect(inStep(puppet, () => puppet.effects.execute(first), 70)).toEqual(["committed 70", "respond 1.0 ok", "executed 70"]);
    puppet.onRequest = (command) => puppet.effects.execute(command);
    puppet.requests(0, get(2, 0, "a"));
    expect(puppet.take()).toContain("respond 2.0 ok [7]");
  });

  test("names of commands are not used again in a later life", () => {
    const lives = [0, 1, 2].map((incarnation) => {
      const puppet = started({ incarnation, self: 1 });
      puppet.requests(0, put(1, 0, "a"));
      puppet.requests(0, put(1, 1, "a"));
      return puppet.commands.map(({ id }) => id);
    });
    expect(new Set(lives.flat()).size).toBe(6);
    expect(lives.flat().every((id) => id % 32 === 1 && Number.isSafeInteger(id))).toBe(true);
  });
});

describe("a rejected command", () => {
  test("is a definite no to each of its clients, once", () => {
    const puppet = started();
    puppet.onRequest = (command) => puppet.effects.reject(command);
    puppet.requests(0, put(1, 0, "a"), put(2, 5, "b"));
    expect(puppet.take()).toEqual(["request 0.1", "respond 1.0 rejected", "respond 2.5 rejected"]);
    expect(inStep(puppet, () => puppet.effects.reject(puppet.commands[0]!))).toEqual([]);
  });

  test("that was forwarded is rejected where its clients are", () => {
    const origin = started({ self: 0 });
    const leader = started({ self: 1 });
    origin.onRequest = (command) => origin.effects.forward(1, command);
    leader.onRequest = (command) => leader.effects.reject(command);
    origin.requests(0, put(1, 0, "a"));
    expect(origin.take()).toEqual(["request 0.1", "to 1: forward 0.1"]);
    const [command] = origin.commands as [Command];
    leader.receive(0, commandFrame(forwardTag, command));
    expect(leader.take()).toEqual(["request 0.1", "to 0: reject 0.1"]);
    expect(leader.commands).toEqual([command]);
    origin.receive(1, commandFrame(rejectTag, command));
    expect(origin.take()).toEqual(["respond 1.0 rejected"]);
  });

  test("of an earlier life concerns nobody", () => {
    const puppet = started({ incarnation: 1 });
    puppet.receive(1, commandFrame(rejectTag, commandOf(commandIdOf(1, 0), [put(1, 0, "a")])));
    expect(puppet.take()).toEqual([]);
  });

  test("that executed is not rejected any more", () => {
    const puppet = started();
    puppet.onRequest = (command) => puppet.effects.execute(command);
    puppet.requests(0, put(1, 0, "a"));
    puppet.take();
    expect(inStep(puppet, () => puppet.effects.reject(puppet.commands[0]!))).toEqual([]);
  });
});

describe("frames", () => {
  test.each<[string, number[]]>([
    ["nothing", []],
    ["an unknown tag", [9]],
    ["a message that is cut off", [0]],
    ["a message with bytes too many", [0, 1, 1]],
    ["a forwarded command that is cut off", [forwardTag, 1]],
    ["a rejected command with bytes too many", [rejectTag, 32, 0, 0, 0]],
  ])("of %s raise a DecodeError and cause nothing", (_, bytes) => {
    const puppet = started();
    expect(() => puppet.receive(1, Uint8Array.from(bytes))).toThrow(DecodeError);
    expect(puppet.take()).toEqual([]);
    puppet.receive(1, frameOf(word(3)));
    expect(puppet.take()).toEqual(["message 1: 3"]);
  });

  test("are read between their bounds: the buffer around them may hold others", () => {
    const puppet = started();
    puppet.engine.receive(2, Uint8Array.of(0, 1, 0, 42, 0, 2), 2, 4, 0);
    expect(puppet.take()).toEqual(["message 2: 42"]);
    expect(() => puppet.engine.receive(2, Uint8Array.of(0, 1, 0, 200, 1, 2), 2, 4, 0)).toThrow(DecodeError);
  });
});

describe("the contract", () => {
  test("a command executed twice is a violation, and has no second effect", () => {
    const puppet = started();
    puppet.onRequest = (command) => puppet.effects.execute(command);
    puppet.requests(0, put(1, 0, "a"));
    puppet.take();
    expect(inStep(puppet, () => puppet.effects.execute(puppet.commands[0]!))).toEqual(['violated: command 0.1 (key "a") executed twice']);
    expect(puppet.engine.executedCommands).toBe(1);
  });

  test("a timer that the protocol did not declare is refused", () => {
    const puppet = started();
    expect(() => puppet.effects.setTimer("tack" as "tick", 1)).toThrow(new TypeError('puppet has no timer "tack"'));
  });

  test("timers go by number, in whole µs; notes, links and time reach their readers", () => {
    const puppet = started();
    const { effects, engine } = puppet;
    inStep(puppet, () => {});
    effects.setTimer("tock", 10.6);
    effects.clearTimer("tick");
    effects.note("fast");
    effects.note("leader", 33);
    engine.link(2, false, 8);
    engine.link(2, true, 9);
    engine.timer(1, 10);
    expect(puppet.take()).toEqual([
      "set 1 11", "clear 0", "noted fast", "noted leader 33", "link 2 down", "link 2 up", "timer tock at 10",
    ]);
  });
});

test("a command that was lost is waited for until its requests are executed in another one, not for ever", () => {
  const puppet = started();
  const [lost, late] = [put(1, 0, "a", 1), put(2, 0, "b", 2)];
  puppet.requests(0, lost);
  puppet.requests(0, late);
  const [lostCommand, lateCommand] = puppet.commands as [Command, Command];
  const retried = commandOf(commandIdOf(1, 1), [lost]);
  inStep(puppet, () => puppet.effects.execute(retried));
  for (let i = 0; i < 4096; i++) puppet.requests(0, put(3, i, "c", 3));
  puppet.take();
  expect(inStep(puppet, () => puppet.effects.execute(lostCommand))).toEqual([]);
  expect(inStep(puppet, () => puppet.effects.execute(lateCommand))).toContain("respond 2.0 ok");
});
