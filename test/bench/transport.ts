/**
 * Rings in shared memory against packed buffers transferred over a MessagePort, between two threads: the measurement
 * behind src/transport/ring.ts. Run it on an otherwise idle machine: `node test/bench/transport.ts`.
 */
import { once } from "node:events";
import { isMainThread, parentPort, Worker, workerData, type MessagePort } from "node:worker_threads";
import { Doorbell } from "../../src/transport/doorbell.ts";
import { FrameQueue, FrameSplitter, type FrameHandler } from "../../src/transport/frames.ts";
import { Inlet, Outlet } from "../../src/transport/link.ts";
import { createRing, Ring } from "../../src/transport/ring.ts";

const message = new Uint8Array(64).fill(7);
const batches = [1, 16, 128];
const rounds = 5;

interface Shared {
  readonly kind: "ring" | "port";
  readonly bells: SharedArrayBuffer;
  readonly there: SharedArrayBuffer;
  readonly back: SharedArrayBuffer;
}

/** One end of a link of either kind. `exchange` sends that many messages as one batch and awaits as many. */
interface End {
  exchange(messages: number): void | Promise<void>;
  close(): void;
}

const bell = (memory: SharedArrayBuffer, thread: number): Doorbell => new Doorbell(new Int32Array(memory), thread * 16);

const ringEnds = ({ bells, there, back }: Shared, thread: number): { outlet: Outlet; inlet: Inlet; own: Doorbell } => {
  const other = bell(bells, 1 - thread);
  const [out, into] = thread === 0 ? [there, back] : [back, there];
  return { outlet: new Outlet(new Ring(out), other), inlet: new Inlet(new Ring(into), other), own: bell(bells, thread) };
};

/** The frames of a batch, as a buffer that can be given away. */
const packed = (queue: FrameQueue): ArrayBuffer => {
  let packet = new Uint8Array(0);
  queue.drain({
    write(source, from, to) {
      packet = source.slice(from, to);
      return to;
    },
  });
  return packet.buffer;
};

/** The other thread: sends every message back, a batch for a batch. An empty message ends it. */
const echo = (shared: Shared, port: MessagePort): void => {
  if (shared.kind === "ring") {
    const { outlet, inlet, own } = ringEnds(shared, 1);
    const state = { open: true };
    const answer: FrameHandler = (bytes, start, end) => {
      state.open = start < end;
      outlet.frames.push(bytes.subarray(start, end), end - start);
    };
    do {
      own.wait(Infinity);
      inlet.take(answer);
      outlet.flush();
    } while (state.open);
    return;
  }
  const splitter = new FrameSplitter();
  const queue = new FrameQueue();
  port.on("message", (buffer: ArrayBuffer) => {
    splitter.push(new Uint8Array(buffer), (bytes, start, end) => {
      if (start === end) port.close();
      else queue.push(bytes.subarray(start, end), end - start);
    });
    const back = packed(queue);
    if (back.byteLength > 0) port.postMessage(back, [back]);
  });
};

const ringEnd = (shared: Shared): End => {
  const { outlet, inlet, own } = ringEnds(shared, 0);
  const answers = { missing: 0 };
  const count = (): number => answers.missing--;
  return {
    exchange(messages) {
      answers.missing = messages;
      for (let i = 0; i < messages; i++) outlet.frames.push(message, message.length);
      outlet.flush();
      do {
        own.wait(Infinity);
        inlet.take(count);
      } while (answers.missing > 0);
    },
    close() {
      outlet.frames.push(message, 0);
      outlet.flush();
    },
  };
};

const portEnd = (worker: Worker): End => {
  const queue = new FrameQueue();
  const splitter = new FrameSplitter();
  let missing = 0;
  let resolve: () => void;
  worker.on("message", (buffer: ArrayBuffer) => {
    splitter.push(new Uint8Array(buffer), () => missing--);
    if (missing === 0) resolve();
  });
  const post = (): void => {
    const buffer = packed(queue);
    worker.postMessage(buffer, [buffer]);
  };
  return {
    exchange(messages) {
      missing = messages;
      for (let i = 0; i < messages; i++) queue.push(message, message.length);
      return new Promise((done) => {
        resolve = done;
        post();
      });
    },
    close() {
      queue.push(message, 0);
      post();
    },
  };
};

/** Messages a second that go there and back, `batch` at a time. */
const measure = async (end: End, batch: number, milliseconds: number): Promise<number> => {
  const start = performance.now();
  let exchanges = 0;
  while (performance.now() - start < milliseconds) {
    for (let i = 0; i < 64; i++) await end.exchange(batch);
    exchanges += 64;
  }
  return (exchanges * batch * 1000) / (performance.now() - start);
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

const open = async (kind: Shared["kind"]): Promise<{ end: End; worker: Worker }> => {
  const shared: Shared = { kind, bells: new SharedArrayBuffer(128), there: createRing(), back: createRing() };
  const worker = new Worker(new URL(import.meta.url), { workerData: shared });
  await once(worker, "online");
  return { end: kind === "ring" ? ringEnd(shared) : portEnd(worker), worker };
};

const compare = async (): Promise<void> => {
  const ring = await open("ring");
  const port = await open("port");
  console.log("64 B there and back, messages/s\nbatch        ring        port    ring/port");
  for (const batch of batches) {
    const rates: { ring: number[]; port: number[] } = { ring: [], port: [] };
    for (const end of [ring.end, port.end]) await measure(end, batch, 300); // warms up
    for (let round = 0; round < rounds; round++) {
      rates.ring.push(await measure(ring.end, batch, 500));
      rates.port.push(await measure(port.end, batch, 500));
    }
    const ratio = median(rates.ring.map((rate, round) => rate / rates.port[round]!));
    const columns = [Math.round(median(rates.ring)), Math.round(median(rates.port)), ratio.toFixed(2)];
    console.log([String(batch).padStart(5), ...columns.map((value) => String(value).padStart(11))].join(" "));
  }
  for (const { end, worker } of [ring, port]) {
    end.close();
    await once(worker, "exit");
  }
};

if (isMainThread) await compare();
else echo(workerData as Shared, parentPort!);
