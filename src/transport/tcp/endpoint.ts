/**
 * A node's place in the network: it listens, dials those it has to, and keeps one connection to each node it knows. Of
 * two nodes the one with the higher number dials; a connection that broke is made again. Strangers are shown out.
 */
import * as net from "node:net";
import * as tls from "node:tls";
import { DecodeError, Reader } from "../../core/bytes.ts";
import { FrameQueue } from "../frames.ts";
import { Connection, type ConnectionListener } from "./connection.ts";
import { readAnswer, readHello, writeAnswer, writeHello } from "./hello.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface EndpointSettings {
  readonly self: number;
  /** By node, replicas first. Who only dials, as the leader of a run does, has the number after all of these: one at a time. */
  readonly addresses: readonly Address[];
  readonly replicas: number;
  readonly fingerprint: Uint8Array;
  /** Null: in the clear. */
  readonly secure: Secure | null;
}

/** Mutual TLS, PEM: who shows no certificate of this authority is nobody. */
export interface Secure {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface EndpointListener {
  /** The connection to `node` stands, or broke: what was under way may be lost. */
  linked(node: number, up: boolean): void;
  /** Throws a `DecodeError` for a frame that means nothing: its connection is closed. */
  received(node: number, bytes: Uint8Array, start: number, end: number): void;
  /** `node`, at this address, could not be connected to; it is tried again. */
  missed(node: number, address: Address, reason: string): void;
  /** One line about a connection that was refused or closed for cause. */
  logged(line: string): void;
}

/** ms. */
const helloTimeout = 5000;
const firstRedial = 10;
const lastRedial = 500;

/** A peer that is behind by more than this gets a new connection, and asks for what it lacks as after any loss. */
const backlogLimit = 64 * 2 ** 20;
/** Replies that a client node has not taken: from here on, its requests are not taken either. */
const replyLimit = 4 * 2 ** 20;

export class Endpoint {
  readonly #settings: EndpointSettings;
  readonly #listener: EndpointListener;
  readonly #links: (Connection | null)[];
  /** Who is at the other end is not known yet. */
  readonly #strangers = new Set<Connection>();
  readonly #lost = new FrameQueue();
  #server: net.Server | null = null;
  #closed = false;

  constructor(settings: EndpointSettings, listener: EndpointListener) {
    this.#settings = settings;
    this.#links = Array.from({ length: settings.addresses.length + 1 }, () => null);
    this.#listener = listener;
  }

  /** Resolves when others can connect. Rejects if the address is taken or not ours. */
  listen(): Promise<void> {
    const { self, addresses, secure } = this.#settings;
    const accept = (socket: net.Socket): void => this.#accept(socket);
    const server = secure === null ? net.createServer(accept) : tls.createServer({ ...secure, requestCert: true, rejectUnauthorized: true }, accept);
    server.on("tlsClientError", (error: Error, socket: net.Socket) => {
      this.#listener.logged(`${socket.remoteAddress}:${socket.remotePort}: ${error.message}: closed`);
    });
    this.#server = server;
    const { host, port } = addresses[self]!;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        resolve();
      });
    });
  }

  /** Keeps a connection to each of these. */
  dial(nodes: readonly number[]): void {
    for (const node of nodes) this.#dial(node, firstRedial);
  }

  linked(node: number): boolean {
    return this.#links[node] !== null;
  }

  /** What is on its way to `node`; without a connection, it is lost. */
  frames(node: number): FrameQueue {
    return this.#links[node]?.frames ?? this.#lost;
  }

  flush(): void {
    this.#lost.clear();
    for (const [node, link] of this.#links.entries()) {
      if (link === null || link.frames.empty) continue;
      link.flush();
      const behind = link.frames.length;
      if (behind > backlogLimit) link.close(`${backlogLimit / 2 ** 20} MiB behind`);
      // Not for replicas: two that wait for each other would wait for ever.
      else if (behind > replyLimit && node >= this.#settings.replicas) link.hesitate();
    }
  }

  /** Closes the connection to `node`, to be made again. A reason that is given is logged. */
  lose(node: number, reason: string | null): void {
    this.#links[node]?.close(reason);
  }

  /** The same, of a node that is gone: what waits for it is not kept until it is back. */
  abort(node: number, reason: string): void {
    this.#links[node]?.abort(reason);
  }

  /** No connection stands, none will. */
  close(): void {
    this.#closed = true;
    this.#server?.close();
    for (const connection of [...this.#strangers, ...this.#links]) connection?.close(null);
  }

  // --- Inside. ---

  #accept(socket: net.Socket): void {
    const connection = new Connection(socket, {
      received: (bytes, start, end) => {
        clearTimeout(timer);
        const { from, refusal } = this.#examine(new Reader(bytes, start, end));
        connection.send((writer) => writeAnswer(writer, refusal));
        if (refusal === null) this.#welcome(from, connection, null);
        else connection.close(refusal);
      },
      closed: (reason) => {
        clearTimeout(timer);
        this.#strangers.delete(connection);
        if (reason !== null) this.#listener.logged(`${remote}: ${reason}: closed`);
      },
    });
    this.#strangers.add(connection);
    const { remote } = connection;
    const timer = setTimeout(() => connection.close(`no hello within ${helloTimeout / 1000} s`), helloTimeout);
    timer.unref();
  }

  /** Who is it, and is it welcome? Throws a `DecodeError`. */
  #examine(reader: Reader): { readonly from: number; readonly refusal: string | null } {
    const { self, addresses, fingerprint } = this.#settings;
    const { from, to, fingerprint: theirs } = readHello(reader);
    const refusal =
      Buffer.compare(theirs, fingerprint) !== 0 ? "another cluster, protocol, option or version"
      : to !== self ? `this is node ${self}, not ${to}`
      : from <= self || from > addresses.length ? `node ${from} has no business here`
      : from === addresses.length && this.linked(from) ? "another run is attached, and they come one at a time"
      : null;
    return { from, refusal };
  }

  #dial(node: number, redial: number): void {
    if (this.#closed) return;
    const { self, addresses, fingerprint, secure } = this.#settings;
    const { host, port } = addresses[node]!;
    const socket = secure === null ? net.connect({ host, port }) : tls.connect({ host, port, ...secure });
    const again = (wait: number): void => {
      if (!this.#closed) setTimeout(() => this.#dial(node, Math.min(2 * wait, lastRedial)), wait);
    };
    const connection = new Connection(socket, {
      received: (bytes, start, end) => {
        clearTimeout(timer);
        const refusal = readAnswer(new Reader(bytes, start, end));
        if (refusal !== null) throw new DecodeError(`refused: ${refusal}`);
        this.#welcome(node, connection, () => again(firstRedial));
      },
      closed: (reason) => {
        clearTimeout(timer);
        this.#strangers.delete(connection);
        if (!this.#closed) this.#listener.missed(node, { host, port }, reason ?? "closed by the other end");
        again(redial);
      },
    });
    this.#strangers.add(connection);
    const timer = setTimeout(() => connection.close("ETIMEDOUT"), helloTimeout);
    timer.unref();
    connection.send((writer) => writeHello(writer, { fingerprint, from: self, to: node }));
  }

  #welcome(node: number, connection: Connection, redial: (() => void) | null): void {
    // A node that dials again has lost the old connection, even if it looks well from here.
    this.#links[node]?.close("replaced by a new connection");
    this.#strangers.delete(connection);
    this.#links[node] = connection;
    const listener: ConnectionListener = {
      received: (bytes, start, end) => this.#listener.received(node, bytes, start, end),
      closed: (reason) => {
        if (this.#links[node] === connection) {
          this.#links[node] = null;
          if (reason !== null && !isAbsence(reason) && !this.#closed) this.#listener.logged(`node ${node}: ${reason}: connection closed`);
          if (!this.#closed) this.#listener.linked(node, false);
        }
        redial?.();
      },
    };
    connection.welcome(listener);
    this.#listener.linked(node, true);
  }
}

const absences: ReadonlySet<string> = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT"]);

/** A node that is not there yet, or no longer: nothing to report. */
export const isAbsence = (reason: string): boolean => absences.has(reason);
