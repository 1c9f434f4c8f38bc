/** One member's JSON gateway: requests over connections that are kept. */
import { Agent, request } from "node:http";

export type Outcome<T> =
  | { readonly type: "answered"; readonly answer: T }
  /** It has not been taken, and never will be. */
  | { readonly type: "untaken" }
  /** Nobody knows whether it was taken. */
  | { readonly type: "unknown" }
  /** It is a mistake, and will be the next time: no valid request, or one that is too large. */
  | { readonly type: "refused"; readonly reason: string };

/** Requests to one member at a time; those beyond wait for one of them to end. */
const most = 512;

export class Gateway {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: most, maxFreeSockets: most });
  readonly #host: string;
  readonly #port: string;

  constructor(endpoint: string) {
    const { hostname, port } = new URL(endpoint);
    this.#host = hostname.replace(/^\[|\]$/g, "");
    this.#port = port || "80";
  }

  /** Answers how to give it up: then nothing more is heard of it. */
  post<T>(path: string, body: object, done: (outcome: Outcome<T>) => void): () => void {
    const bytes = Buffer.from(JSON.stringify(body));
    const headers = { "content-type": "application/json", "content-length": bytes.length };
    let given = true;
    let connected = false;
    const end = (outcome: Outcome<T>): void => {
      if (!given) return;
      given = false;
      done(outcome);
    };
    const asked = request({ agent: this.#agent, host: this.#host, port: this.#port, method: "POST", path, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", () => end({ type: "unknown" }));
      response.on("end", () => end(outcomeOf(response.statusCode ?? 0, Buffer.concat(parts).toString())));
    });
    asked.on("socket", (socket) => {
      if (socket.connecting) socket.once("connect", () => (connected = true));
      else connected = true;
    });
    asked.on("error", () => end({ type: connected ? "unknown" : "untaken" }));
    asked.end(bytes);
    return () => {
      given = false;
      asked.destroy();
    };
  }

  /** Null: no answer, or not the one that was hoped for. */
  ask<T>(path: string, body: object, patience: number): Promise<T | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        giveUp();
        resolve(null);
      }, patience);
      const giveUp = this.post<T>(path, body, (outcome) => {
        clearTimeout(timer);
        resolve(outcome.type === "answered" ? outcome.answer : null);
      });
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** gRPC's codes, as far as they say something definite. */
const invalidArgument = 3;
const resourceExhausted = 8;

const outcomeOf = <T>(status: number, text: string): Outcome<T> => {
  let answer: { readonly message?: string; readonly code?: number };
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch {
    return status === 404 ? { type: "refused", reason: "it has no JSON gateway (HTTP 404): allowed is etcd 3.4 or newer" } : { type: "unknown" };
  }
  if (status === 200) return { type: "answered", answer: answer as T };
  const { message = `HTTP ${status}`, code } = answer;
  if (code === resourceExhausted && message.includes("too many requests")) return { type: "untaken" };
  return code === invalidArgument || code === resourceExhausted ? { type: "refused", reason: message } : { type: "unknown" };
};
