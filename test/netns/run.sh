#!/bin/sh
# A cluster on three "hosts", network namespaces with 10 ms of delay each way out (tc/netem), and a run from a fourth:
# no client can be answered in less than the way to its leader's majority. Needs root, ip, tc and the kernel's netem;
# where they are missing it says so and skips: without netem only the medians, without namespaces everything.
set -eu

paxbench=$(cd "$(dirname "$0")/../.." && pwd)/bin/run.js
node=${NODE:-node}
delay=10
prefix=pb$$
scratch=$(mktemp -d)
pids=

skip() { echo "skipped: $1"; exit 0; }

finish() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  wait
  for host in 0 1 2 3; do ip netns delete "$prefix-$host" 2>/dev/null || true; done
  ip netns delete "$prefix-net" 2>/dev/null || true
  rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

[ "$(uname)" = Linux ] || skip "network namespaces are Linux's"
[ "$(id -u)" = 0 ] || skip "network namespaces need root"
command -v ip > /dev/null || skip "no ip (iproute2)"
ip netns add "$prefix-net" 2> /dev/null || skip "this machine allows no network namespaces"
ip -n "$prefix-net" link add bridge type bridge 2> /dev/null || skip "this kernel has no bridge"
ip -n "$prefix-net" link set bridge up

netem=yes
for host in 0 1 2 3; do
  ip netns add "$prefix-$host"
  ip -n "$prefix-$host" link add eth0 type veth peer name "port$host" netns "$prefix-net"
  ip -n "$prefix-net" link set "port$host" master bridge up
  ip -n "$prefix-$host" link set lo up
  ip -n "$prefix-$host" link set eth0 up
  ip -n "$prefix-$host" address add "10.99.0.1$host/24" dev eth0
  ip netns exec "$prefix-$host" tc qdisc add dev eth0 root netem delay ${delay}ms 2> /dev/null || netem=no
done
[ $netem = yes ] || echo "no netem in this kernel: hosts without delay, medians are not checked"

cat > "$scratch/cluster.yaml" << FILE
name: netns
protocol: ${PROTOCOL:-raft}
replicas: ["10.99.0.10:7000", "10.99.0.11:7000", "10.99.0.12:7000"]
loads: ["10.99.0.13:7000"]
insecure: true
FILE

start() { # host, command, id
  ip netns exec "$prefix-$1" "$node" "$paxbench" "$2" --cluster "$scratch/cluster.yaml" --id "$3" &
  pids="$pids $!"
}
for id in 0 1 2; do start $id replica $id; done
start 3 load 0

cd "$scratch"
ip netns exec "$prefix-3" "$node" "$paxbench" run --cluster cluster.yaml --clients 2 --warmup 1s --duration 5s --history --out result

# A frame from one host to another takes the delay once. Client to replica and back: 2; there, to a majority and back: 2.
[ $netem = no ] || "$node" -e '
  const [run] = JSON.parse(require("fs").readFileSync("result/result.json", "utf8")).runs;
  const floors = { commit: 2 * Number(process.argv[1]), response: 4 * Number(process.argv[1]) };
  for (const [kind, floor] of Object.entries(floors)) {
    const { p50 } = run.latencyMs[kind];
    console.log(`${kind} p50 ${p50} ms, floor ${floor} ms`);
    if (!(p50 >= floor && p50 < 4 * floor)) process.exitCode = 1;
  }
' $delay
