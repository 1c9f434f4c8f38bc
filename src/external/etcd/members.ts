/** Members of a cluster that this machine runs for the length of a run. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../../runtime/processes/ports.ts";
import type { Program } from "../programs.ts";
import type { Gateway } from "./gateway.ts";

interface Members {
  /** Where clients find them. */
  readonly endpoints: readonly string[];
  readonly programs: readonly Program[];
}

/** As etcd's documentation starts a local cluster; all else is left as it comes. Started again, a member finds its data. */
export const membersOf = async (file: string, count: number, folder: string): Promise<Members> => {
  const ports = await freePorts(2 * count);
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const endpoints = urls.slice(0, count);
  const peers = urls.slice(count);
  const cluster = peers.map((peer, member) => `member-${member}=${peer}`).join(",");
  const programs = endpoints.map((endpoint, member): Program => {
    const peer = peers[member]!;
    const settings = {
      name: `member-${member}`,
      "data-dir": join(folder, `member-${member}`),
      "listen-client-urls": endpoint,
      "advertise-client-urls": endpoint,
      "listen-peer-urls": peer,
      "initial-advertise-peer-urls": peer,
      "initial-cluster": cluster,
      // No other cluster has it: what is left of one that crashed cannot get in.
      "initial-cluster-token": `${process.pid}-${ports[0]}`,
      logger: "zap",
      "log-level": "error",
    };
    return { file, args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]) };
  });
  return { endpoints, programs };
};

interface Status {
  readonly header: { readonly member_id: string };
  readonly leader?: string;
  readonly raftTerm?: string;
}

/** ms between two questions. */
const interval = 50;
const patience = 1000;

/** Resolves when the member answers and knows a leader; `false` when `over` says so first. */
export const ready = async (gateway: Gateway, over: () => boolean): Promise<boolean> => {
  while (!over()) {
    const status = await gateway.ask<Status>("/v3/maintenance/status", {}, patience);
    if (status?.leader !== undefined) return true;
    await sleep(interval);
  }
  return false;
};

const statusesOf = (gateways: readonly Gateway[]): Promise<(Status | null)[]> =>
  Promise.all(gateways.map((gateway) => gateway.ask<Status>("/v3/maintenance/status", {}, patience)));

interface Leader {
  readonly member: number;
  readonly term: number;
}

/** The member that says of itself that it leads, in the latest term; null: nobody who answers. */
export const leaderOf = async (gateways: readonly Gateway[]): Promise<Leader | null> => {
  const leaders = (await statusesOf(gateways)).flatMap((status, member): Leader[] =>
    status !== null && status.leader === status.header.member_id ? [{ member, term: Number(status.raftTerm) }] : [],
  );
  return leaders.reduce<Leader | null>((latest, one) => (latest === null || one.term > latest.term ? one : latest), null);
};

/** Makes a member the leader, if another one is. */
export const moveLeader = async (gateways: readonly Gateway[], to: number): Promise<void> => {
  const [leader, status] = await Promise.all([leaderOf(gateways), gateways[to]!.ask<Status>("/v3/maintenance/status", {}, patience)]);
  if (leader === null || status === null || leader.member === to) return;
  await gateways[leader.member]!.ask("/v3/maintenance/transfer-leadership", { targetID: status.header.member_id }, patience);
};

interface Hash {
  readonly header: { readonly revision: string };
  readonly hash?: number;
}

/** The state of a member as etcd itself hashes it, at one revision; null where it is not that far or does not say. */
export const digestOf = async (gateway: Gateway, revision: string): Promise<string | null> => {
  const answer = await gateway.ask<Hash>("/v3/maintenance/hash", { revision }, patience);
  return answer && `revision ${revision}, hash ${answer.hash ?? 0}`;
};

/** The latest revision that any of them knows. */
export const latestRevision = async (gateways: readonly Gateway[]): Promise<string> => {
  const answers = await Promise.all(gateways.map((gateway) => gateway.ask<Hash>("/v3/maintenance/hash", {}, patience)));
  const revisions = answers.flatMap((answer) => (answer === null ? [] : [BigInt(answer.header.revision)]));
  return String(revisions.reduce((latest, one) => (one > latest ? one : latest), 0n));
};
