import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { DecodeError, Writer } from "../../../src/core/bytes.ts";
import { createRandom } from "../../../src/core/random.ts";
import { freePorts } from "../../../src/runtime/processes/ports.ts";
import { Endpoint, type Address, type Secure } from "../../../src/transport/tcp/endpoint.ts";
import { fingerprintBytes, helloLimit, wireVersion, writeHello } from "../../../src/transport/tcp/hello.ts";

const fingerprint = new Uint8Array(fingerprintBytes).fill(7);

/** What an endpoint tells, as lines: `up 1`, `down 1`, `1: text`, `log …`. */
class Node {
  readonly lines: string[] = [];
  readonly endpoint: Endpoint;
  readonly address: Address;

  constructor(self: number, addresses: readonly Address[], secure: Secure | null = null) {
    this.address = addresses[self]!;
    this.endpoint = new Endpoint({ self, addresses, replicas: addresses.length, fingerprint, secure }, {
      linked: (node, up) => void this.lines.push(`${up ? "up" : "down"} ${node}`),
      received: (node, bytes, start, end) => {
        const text = Buffer.from(bytes.subarray(start, end)).toString();
        if (text === "nonsense") throw new DecodeError("nonsense");
        this.lines.push(`${node}: ${text.length > 20 ? text.length : text}`);
      },
      missed: (node, _, reason) => void this.lines.push(`missed ${node}: ${reason}`),
      logged: (line) => void this.lines.push(`log ${line.replace(/^[\d.:a-f]+:\d+: /, "")}`),
    });
  }

  send(to: number, text: string): void {
    const bytes = Buffer.from(text);
    this.endpoint.frames(to).push(bytes, bytes.length);
    this.endpoint.flush();
  }

  /** Resolves when a line is there; the test's time limit is the only one. */
  async sees(line: string | RegExp): Promise<void> {
    while (!this.lines.some((seen) => (typeof line === "string" ? seen === line : line.test(seen)))) await pause(2);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

const nodes = async (count: number): Promise<Node[]> => {
  const addresses = (await freePorts(count)).map((port) => ({ host: "127.0.0.1", port }));
  const all = addresses.map((_, self) => new Node(self, addresses));
  open.push(...all.map(({ endpoint }) => endpoint));
  return all;
};

const pair = async (): Promise<[Node, Node]> => {
  const [low, high] = (await nodes(2)) as [Node, Node];
  await low.endpoint.listen();
  high.endpoint.dial([0]);
  await Promise.all([low.sees("up 1"), high.sees("up 0")]);
  return [low, high];
};

describe("two nodes", () => {
  test("one connection carries both ways, in order, frames of any size", async () => {
    const [low, high] = await pair();
    high.send(0, "x".repeat(3_000_000));
    for (const word of ["a", "b", "c"]) high.send(0, word);
    low.send(1, "d");
    await Promise.all([low.sees("1: c"), high.sees("0: d")]);
    expect(low.lines).toEqual(["up 1", "1: 3000000", "1: a", "1: b", "1: c"]);
  });

  test("who dials before the other listens gets through when it does", async () => {
    const [low, high] = (await nodes(2)) as [Node, Node];
    high.endpoint.dial([0]);
    await pause(50);
    await low.endpoint.listen();
    await high.sees("up 0");
    expect(low.lines).toEqual(["up 1"]);
  });

  test("a frame that means nothing costs the connection, which is made again", async () => {
    const [low, high] = await pair();
    high.send(0, "nonsense");
    await low.sees("log node 1: nonsense: connection closed");
    await high.sees("down 0");
    high.lines.length = 0;
    await high.sees("up 0");
    high.send(0, "sense");
    await low.sees("1: sense");
    expect(high.lines).toEqual(["up 0"]);
  });

  test("what is sent while there is no connection is lost, not kept", async () => {
    const [low, high] = (await nodes(2)) as [Node, Node];
    high.send(0, "early");
    await low.endpoint.listen();
    high.endpoint.dial([0]);
    await high.sees("up 0");
    high.send(0, "late");
    await low.sees("1: late");
    expect(low.lines).toEqual(["up 1", "1: late"]);
  });
});

test("who does not close its end, as a stopped process does not, is not waited for", async () => {
  const [low] = await nodes(1);
  await low!.endpoint.listen();
  const { port } = low!.address;
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const broken = new Promise((resolve) => socket.once("error", resolve));
  const ended = new Promise((resolve) => socket.once("end", resolve));
  socket.resume();
  await new Promise((resolve) => socket.once("connect", resolve));
  await pause(50); // accepted by then, or refused: either way it ends
  low!.endpoint.close();
  await ended;
  const writing = setInterval(() => socket.write("x"), 50);
  expect(await broken).toMatchObject({ syscall: expect.stringMatching(/read|write/) });
  clearInterval(writing);
  socket.destroy();
});

const frame = (content: Uint8Array): Uint8Array => Buffer.concat([Buffer.from(Uint32Array.of(content.length).buffer), content]);
const hello = (change: { fingerprint?: Uint8Array; from?: number; to?: number } = {}): Uint8Array => {
  const writer = new Writer();
  writeHello(writer, { fingerprint, from: 1, to: 0, ...change });
  return writer.copy();
};
const altered = (at: number, value: number): Uint8Array => {
  const bytes = hello();
  bytes[at] = value;
  return bytes;
};

/** Resolves when the other side has closed. */
const shownOut = (port: number, bytes: Uint8Array, half = false): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => (half ? socket.end(bytes) : socket.write(bytes)));
    socket.on("error", () => {});
    socket.on("close", () => resolve());
    socket.resume();
  });

describe("whoever has no business here is shown out with one line, and nothing else changes", () => {
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ["a web browser", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), /^log a frame of \d+ bytes, at most 1024 are allowed: closed$/],
    ["a huge length", Uint8Array.of(255, 255, 255, 255, 1, 2, 3), /^log a frame of 4294967295 bytes/],
    ["a length just over the limit", frame(new Uint8Array(helloLimit + 1)), /^log a frame of 1025 bytes/],
    ["an empty frame", frame(new Uint8Array(0)), /^log no paxbench at the other end: closed$/],
    ["another program's frame", frame(Buffer.from("something else entirely")), /^log no paxbench at the other end: closed$/],
    ["another wire version", frame(altered(8, wireVersion + 1)), /^log wire version 2 at the other end, 1 here: closed$/],
    ["another cluster", frame(hello({ fingerprint: new Uint8Array(fingerprintBytes) })), /^log another cluster, protocol, option or version: closed$/],
    ["somebody looking for another node", frame(hello({ to: 1 })), /^log this is node 0, not 1: closed$/],
    ["a node that says it is me", frame(hello({ from: 0 })), /^log node 0 has no business here: closed$/],
    ["a node that does not exist", frame(hello({ from: 9 })), /^log node 9 has no business here: closed$/],
    ["a hello with something behind it", frame(Buffer.concat([hello(), Uint8Array.of(0)])), /^log 1 bytes too many: closed$/],
    ["a hello cut short", frame(hello().subarray(0, 15)), /^log cut off: closed$/],
  ];

  test("every kind, while two nodes talk", async () => {
    const addresses = (await freePorts(2)).map((port) => ({ host: "127.0.0.1", port }));
    const [low, high] = addresses.map((_, self) => new Node(self, addresses)) as [Node, Node];
    open.push(low.endpoint, high.endpoint);
    await low.endpoint.listen();
    high.endpoint.dial([0]);
    await high.sees("up 0");
    const { port } = addresses[0]!;

    for (const [name, bytes, line] of cases) {
      low.lines.length = 0;
      await shownOut(port, bytes);
      expect(low.lines, `after ${name}`).toEqual([expect.stringMatching(line)]);
    }

    low.lines.length = 0;
    await shownOut(port, frame(hello()).subarray(0, 9), true);
    expect(low.lines, "half a frame").toEqual(["log cut off within a frame: closed"]);

    const random = createRandom(1, "strangers");
    for (let i = 0; i < 100; i++) await shownOut(port, Uint8Array.from({ length: 1 + random.below(300) }, () => random.below(256)), true);

    const idle: Socket[] = Array.from({ length: 300 }, () => connect(port, "127.0.0.1").on("error", () => {}));
    high.send(0, "still here");
    await low.sees("1: still here");
    for (const socket of idle) socket.destroy();
    expect(high.lines).toEqual(["up 0"]);
  });
});

const pem = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");

const meet = async (low: Secure | null, high: Secure | null): Promise<[Node, Node]> => {
  const addresses = (await freePorts(2)).map((port) => ({ host: "127.0.0.1", port }));
  const nodes: [Node, Node] = [new Node(0, addresses, low), new Node(1, addresses, high)];
  open.push(...nodes.map(({ endpoint }) => endpoint));
  await nodes[0].endpoint.listen();
  nodes[1].endpoint.dial([0]);
  return nodes;
};

describe("with mutual TLS", () => {
  // Two authorities, and a certificate of each for 127.0.0.1, valid for a hundred years; their keys guard nothing.
  const ours: Secure = { ca: pem("ours-ca.pem"), cert: pem("ours.pem"), key: pem("ours.key") };
  const theirs: Secure = { ca: pem("theirs-ca.pem"), cert: pem("theirs.pem"), key: pem("theirs.key") };

  test("nodes of one authority talk", async () => {
    const [low, high] = await meet(ours, ours);
    await high.sees("up 0");
    high.send(0, "x".repeat(1_000_000));
    low.send(1, "welcome");
    await Promise.all([low.sees("1: 1000000"), high.sees("0: welcome")]);
    expect(low.lines).toEqual(["up 1", "1: 1000000"]);
  });

  test.each<readonly [string, Secure | null]>([
    ["shows another authority's certificate", theirs],
    ["shows another authority's certificate and trusts ours", { ...theirs, ca: ours.ca }],
    ["speaks in the clear", null],
  ])("who %s is not let in", async (_, secure) => {
    const [low, high] = await meet(ours, secure);
    await low.sees(/^log /);
    expect([...low.lines, ...high.lines].filter((line) => line.startsWith("up"))).toEqual([]);
  });
});

const aNode = async (): Promise<{ readonly node: Node; readonly leader: () => Node }> => {
  const addresses = (await freePorts(1)).map((port) => ({ host: "127.0.0.1", port }));
  const node = new Node(0, addresses);
  open.push(node.endpoint);
  await node.endpoint.listen();
  const leader = (): Node => {
    const leader = new Node(1, addresses);
    open.push(leader.endpoint);
    leader.endpoint.dial([0]);
    return leader;
  };
  return { node, leader };
};

describe("those who lead runs", () => {
  test("come one at a time; who waits gets in when the other has left", async () => {
    const { node, leader } = await aNode();
    const first = leader();
    await first.sees("up 0");
    const second = leader();
    await second.sees("missed 0: refused: another run is attached, and they come one at a time");
    expect(second.lines).not.toContain("up 0");
    first.endpoint.close();
    await second.sees("up 0");
    expect(node.lines.filter((line) => !line.startsWith("log "))).toEqual(["up 1", "down 1", "up 1"]);
  });

  test("leave nothing behind when they close before the node has answered", async () => {
    const { leader } = await aNode();
    const hasty = leader();
    hasty.endpoint.close();
    await leader().sees("up 0");
    expect(hasty.lines).toEqual([]);
  });
});

test("an address that is taken is refused", async () => {
  const addresses = (await freePorts(1)).map((port) => ({ host: "127.0.0.1", port }));
  const [first, second] = [new Node(0, addresses), new Node(0, addresses)];
  open.push(first.endpoint, second.endpoint);
  await first.endpoint.listen();
  await expect(second.endpoint.listen()).rejects.toMatchObject({ code: "EADDRINUSE" });
});
