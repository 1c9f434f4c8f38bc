/** What becomes of clients' commands on their way to the leader. */
import { commandName } from "paxbench";
import { expect, test } from "vitest";
import { newCluster, rounds, settle, settleUntil, startedCluster, statusOf, without } from "./schedules.ts";

test("a follower forwards to the leader it knows", () => {
  const cluster = startedCluster(3);
  const command = cluster.request(1, 1);
  expect(cluster.lives[1]!.forwarded).toEqual([{ to: 0, command }]);
});

test("commands wait for the first leader, and for another one while the link to the last is down", () => {
  const cluster = newCluster(3);
  const first = cluster.request(1, 1);
  expect(cluster.lives[1]!.forwarded).toEqual([]);
  settleUntil(cluster, "prepare"); // elected: no need to wait for its prepare
  expect(cluster.lives[1]!.forwarded).toEqual([{ to: 0, command: first }]);
  settle(cluster);
  cluster.crash(0);
  cluster.link(1, 0, false);
  const second = cluster.request(1, 2);
  expect(cluster.lives[1]!.forwarded).toHaveLength(1);
  rounds(4, cluster);
  expect(cluster.lives[1]!.forwarded.at(-1)).toEqual({ to: 2, command: second });
});

test("a leader keeps 4096 commands in flight; more wait their turn", () => {
  const cluster = startedCluster(3);
  const commands = Array.from({ length: 4100 }, (_, key) => cluster.request(0, key));
  expect(statusOf(cluster, 0)).toMatchObject({ log: 4096, pending: 4 });
  cluster.drop({ to: 2 });
  cluster.deliver({ to: 1, type: "accept" });
  cluster.deliver({ to: 0, type: "accepted" });
  expect(statusOf(cluster, 0)).toMatchObject({ log: 4097, decided: 1, pending: 3 });
  settle(cluster, without([0, 2]));
  expect(cluster.executed(1)).toEqual(commands.map(({ id }) => commandName(id)));
});

test("beyond 65 536 waiting commands a definite no", () => {
  const cluster = newCluster(3);
  for (let i = 0; i < 65_536; i++) cluster.request(1, 1);
  expect(cluster.lives[1]!.rejected).toEqual([]);
  const command = cluster.request(1, 1);
  expect(cluster.lives[1]!.rejected).toEqual([command]);
});
