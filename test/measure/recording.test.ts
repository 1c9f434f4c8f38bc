import { expect, test } from "vitest";
import { createRandom } from "../../src/core/random.ts";
import { latencyKinds, summarize } from "../../src/measure/latency.ts";
import { Recorder } from "../../src/measure/recorder.ts";
import { recorderOf, recordingOf } from "../../src/measure/recording.ts";

const sites = 3;

/** Latencies from 0 to past an hour, each order of magnitude alike. */
const randomRecorder = (seed: number): Recorder => {
  const random = createRandom(seed, "recording");
  const latency = (): number => Math.floor(2 ** (random.unit() * 33)) - 1;
  const recorder = new Recorder(sites);
  recorder.open(0);
  for (let i = 0; i < 300; i++) {
    recorder.latency("commit", random.below(sites), latency());
    recorder.latency("execute", 1, latency());
    recorder.completed(random.below(2), latency(), random.below(2) === 0, i * 10);
    recorder.sent(random.below(100));
    recorder.noted("fast");
  }
  recorder.close(100_000);
  return recorder;
};

const everythingIn = (recorder: Recorder): unknown => ({
  counts: recorder.counts,
  timeline: recorder.timeline,
  histograms: latencyKinds.flatMap((kind) =>
    Array.from({ length: sites }, (_, site) => recorder.histogram(kind, site)).map((histogram) => ({
      summary: summarize(histogram),
      // The largest value itself is not encoded, its bucket is.
      distribution: histogram.outputPercentileDistribution().replace(/Max += +[\d.]+/, ""),
    })),
  ),
});

test("a recorder that crosses threads is the same recorder, and merges as if it had not", () => {
  for (let seed = 0; seed < 4; seed++) {
    const [here, there] = [randomRecorder(seed), randomRecorder(seed + 1000)];
    const crossed = recorderOf(structuredClone(recordingOf(there, sites)), sites);
    expect(everythingIn(crossed), `seed ${seed}`).toEqual(everythingIn(there));
    const [direct, indirect] = [new Recorder(sites), new Recorder(sites)];
    for (const [sum, other] of [[direct, there], [indirect, crossed]] as const) {
      sum.add(here);
      sum.add(other);
    }
    expect(everythingIn(indirect), `seed ${seed}`).toEqual(everythingIn(direct));
  }
});
