import { Watermark } from "paxbench";
import { expect, test } from "vitest";

test("a watermark stands where the last replica stands, and never falls", () => {
  const watermark = new Watermark(3);
  watermark.report(0, 7);
  watermark.report(1, 5);
  expect(watermark.lowest).toBe(0);
  watermark.report(2, 9);
  watermark.report(1, 4);
  expect(watermark.lowest).toBe(5);
});
