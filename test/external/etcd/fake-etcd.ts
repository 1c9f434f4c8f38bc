/** What etcd's JSON gateway answers, as far as paxbench asks, over a Map: one store, however many members it seems to have. */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Entry {
  readonly value: string;
  readonly revision: number;
}

interface Where {
  readonly key: string;
  readonly range_end?: string;
  readonly limit?: string;
  readonly value?: string;
  readonly prev_kv?: boolean;
}

interface Compare extends Where {
  readonly target: "VALUE" | "VERSION" | "MOD";
  readonly mod_revision?: string;
}

type Request = { readonly request_range: Where } | { readonly request_put: Where } | { readonly request_delete_range: Where };

interface Txn {
  readonly compare?: readonly Compare[];
  readonly success?: readonly Request[];
  readonly failure?: readonly Request[];
}

const bytesOf = (base64: string): string => Buffer.from(base64, "base64").toString("latin1");

export class FakeEtcd {
  /** By key as bytes. */
  readonly #entries = new Map<string, Entry>();
  #revision = 1;
  /** Paths in the order in which they were asked. */
  readonly asked: string[] = [];

  get keys(): readonly string[] {
    return [...this.#entries.keys()];
  }

  answer(path: string, body: unknown): object | null {
    this.asked.push(path);
    const header = (): object => ({ revision: String(this.#revision), member_id: "1" });
    switch (path) {
      case "/version":
        return { etcdserver: "3.4.99" };
      case "/v3/maintenance/status":
        return { header: header(), leader: "1", raftTerm: "2" };
      case "/v3/maintenance/hash":
        return { header: header(), hash: 7 };
      case "/v3/kv/range":
        return { header: header(), ...this.#range(body as Where) };
      case "/v3/kv/put":
        return { ...this.#put(body as Where, ++this.#revision), header: header() };
      case "/v3/kv/deleterange":
        return { ...this.#remove(body as Where, ++this.#revision), header: header() };
      case "/v3/kv/txn":
        return { ...this.#txn(body as Txn), header: header() };
      default:
        return null;
    }
  }

  #range({ key, range_end, limit }: Where): object {
    const first = bytesOf(key);
    const end = range_end === undefined ? null : bytesOf(range_end);
    const found = [...this.#entries].filter(([at]) => (end === null ? at === first : at >= first && at < end)).sort(([a], [b]) => (a < b ? -1 : 1));
    if (found.length === 0) return {};
    return { kvs: found.slice(0, Number(limit ?? 0) || undefined).map(([at, entry]) => told(at, entry)), count: String(found.length) };
  }

  #put({ key, value = "", prev_kv }: Where, revision: number): object {
    const at = bytesOf(key);
    const before = this.#entries.get(at);
    this.#entries.set(at, { value, revision });
    return prev_kv === true && before !== undefined ? { prev_kv: told(at, before) } : {};
  }

  #remove({ key, range_end }: Where, _revision: number): object {
    const first = bytesOf(key);
    const gone = this.keys.filter((at) => (range_end === undefined ? at === first : at >= first && at < bytesOf(range_end)));
    for (const at of gone) this.#entries.delete(at);
    return gone.length === 0 ? {} : { deleted: String(gone.length) };
  }

  #txn({ compare = [], success = [], failure = [] }: Txn): object {
    const succeeded = compare.every((one) => this.#holds(one));
    const requests = succeeded ? success : failure;
    const written = requests.flatMap((request) => ("request_put" in request ? [request.request_put.key] : []));
    if (new Set(written).size < written.length) throw new Error("duplicate key given in txn request");
    if (requests.some((request) => !("request_range" in request))) this.#revision++;
    const responses = requests.map((request) => {
      if ("request_range" in request) return { response_range: this.#range(request.request_range) };
      if ("request_put" in request) return { response_put: this.#put(request.request_put, this.#revision) };
      return { response_delete_range: this.#remove(request.request_delete_range, this.#revision) };
    });
    return { ...(succeeded && { succeeded }), responses };
  }

  #holds({ key, target, value = "", mod_revision }: Compare): boolean {
    const there = this.#entries.get(bytesOf(key));
    if (target === "VERSION") return there === undefined;
    if (target === "MOD") return String(there?.revision ?? 0) === mod_revision;
    return there !== undefined && there.value === value;
  }
}

const told = (key: string, { value, revision }: Entry): object => ({
  key: Buffer.from(key, "latin1").toString("base64"), ...(value !== "" && { value }), mod_revision: String(revision),
});

/** How a member deals with a request besides answering it. */
export type Mood = (path: string) => "answer" | "hang up" | "take and hang up" | "take and say nothing" | { readonly status: number; readonly answer: object };

const send = (response: ServerResponse, status: number, answer: object | null): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(answer === null ? "Not Found\n" : JSON.stringify(answer));
};

/** A member on a port of the system's choice. */
export const serve = async (etcd: FakeEtcd, mood: Mood = () => "answer", port = 0): Promise<{ readonly endpoint: string; readonly server: Server }> => {
  const server = createServer((asked, response) => {
    const parts: Buffer[] = [];
    asked.on("data", (part: Buffer) => parts.push(part));
    asked.on("end", () => {
      const path = asked.url!;
      const way = mood(path);
      if (way === "hang up") return asked.socket.destroy();
      if (typeof way === "object") return send(response, way.status, way.answer);
      const text = Buffer.concat(parts).toString();
      const answer = etcd.answer(path, text === "" ? null : JSON.parse(text));
      if (way === "take and hang up") return asked.socket.destroy();
      if (way === "answer") send(response, answer === null ? 404 : 200, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
};
