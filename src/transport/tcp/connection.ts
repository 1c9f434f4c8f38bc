import type { Socket } from "node:net";
import { DecodeError, type Writer } from "../../core/bytes.ts";
import { FrameQueue, FrameSplitter, type ByteSink, type FrameHandler } from "../frames.ts";
import { helloLimit } from "./hello.ts";

/** Longest frame between nodes that know each other, bytes. */
export const frameLimit = 64 * 2 ** 20;
/** ms in which the other end takes what is left, and closes too. */
const closeTimeout = 2000;

export interface ConnectionListener {
  /** Throws a `DecodeError` for bytes that mean nothing: the connection is closed. */
  received: FrameHandler;
  /** Once; null: the other side closed it in order. */
  closed(reason: string | null): void;
}

/** Frames over one socket. Those of a turn leave as one write; what the socket does not take waits. */
export class Connection implements ByteSink {
  readonly frames = new FrameQueue();
  readonly #socket: Socket;
  readonly #splitter = new FrameSplitter(helloLimit);
  #listener: ConnectionListener;
  #closed = false;

  constructor(socket: Socket, listener: ConnectionListener) {
    this.#socket = socket;
    this.#listener = listener;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 5000);
    // Plain bytes, as everywhere: a Buffer's slice is a view, and two classes would slow down all who read.
    socket.on("data", ({ buffer, byteOffset, length }) => this.#take(new Uint8Array(buffer, byteOffset, length)));
    socket.on("drain", () => this.flush());
    socket.on("error", (error: NodeJS.ErrnoException) => this.close(error.code ?? error.message));
    socket.on("end", () => this.close(this.#splitter.incomplete ? "cut off within a frame" : null));
    socket.on("close", () => this.close(null));
  }

  get remote(): string {
    return `${this.#socket.remoteAddress}:${this.#socket.remotePort}`;
  }

  /** The hellos are over: from here on frames may be long, and go to `listener`. */
  welcome(listener: ConnectionListener): void {
    this.#splitter.limit = frameLimit;
    this.#listener = listener;
  }

  /** One frame, at once. */
  send(write: (writer: Writer) => void): void {
    write(this.frames.begin());
    this.frames.end();
    this.flush();
  }

  flush(): void {
    if (this.#closed) return this.frames.clear();
    if (this.#socket.writableNeedDrain) return;
    if (!this.frames.empty) this.frames.drain(this);
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  /** Takes no more input until what waits has left: the other side feels it. */
  hesitate(): void {
    this.#socket.pause();
  }

  /** What was sent before still leaves; what waits is lost. */
  close(reason: string | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.frames.clear();
    if (reason === null) this.#socket.end();
    else this.#socket.destroySoon();
    // Who is stopped, or gone, neither takes what is left nor closes its end.
    setTimeout(() => this.#socket.destroy(), closeTimeout).unref();
    this.#listener.closed(reason);
  }

  /** Nothing leaves any more: nobody is there to take it. */
  abort(reason: string): void {
    this.close(reason);
    this.#socket.destroy();
  }

  /** A copy leaves: the queue goes on. */
  write(source: Uint8Array, from: number, to: number): number {
    this.#socket.write(source.slice(from, to));
    return to;
  }

  #take(chunk: Uint8Array): void {
    // The listener may change with any frame.
    const handle: FrameHandler = (bytes, start, end) => {
      if (!this.#closed) this.#listener.received(bytes, start, end);
    };
    try {
      this.#splitter.push(chunk, handle);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.close(error.message);
    }
  }
}
