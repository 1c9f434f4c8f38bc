import { decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from "hdr-histogram-js";
import { recordedKinds, type RecordedKind } from "./latency.ts";
import { Recorder, type Counts } from "./recorder.ts";

/** A histogram as it crosses threads: every bucket's count. */
export const encodedHistogram = (histogram: Histogram): string => encodeIntoCompressedBase64(histogram);
export const decodedHistogram = (encoded: string): Histogram => decodeFromCompressedBase64(encoded, 64);

/** A recorder as it crosses threads: histograms are objects with methods and cannot be cloned. */
export interface Recording {
  readonly counts: Counts;
  readonly timeline: readonly number[];
  readonly histograms: readonly { readonly kind: RecordedKind; readonly site: number; readonly encoded: string }[];
}

export const recordingOf = (recorder: Recorder, sites: number): Recording => ({
  counts: { ...recorder.counts },
  timeline: recorder.timeline,
  histograms: recordedKinds.flatMap((kind) =>
    Array.from({ length: sites }, (_, site) => ({ site, histogram: recorder.histogram(kind, site) }))
      .filter(({ histogram }) => histogram.totalCount > 0)
      .map(({ site, histogram }) => ({ kind, site, encoded: encodedHistogram(histogram) })),
  ),
});

/** The encoding holds every bucket's count: whatever is read from buckets, percentiles above all, is as it was. */
export const recorderOf = ({ counts, timeline, histograms }: Recording, sites: number): Recorder => {
  const recorder = new Recorder(sites);
  Object.assign(recorder.counts, counts);
  recorder.timeline.push(...timeline);
  for (const { kind, site, encoded } of histograms) {
    recorder.histogram(kind, site).add(decodedHistogram(encoded));
  }
  return recorder;
};
