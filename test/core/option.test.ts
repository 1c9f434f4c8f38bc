import { flag, milliseconds, parseDuration, parseOptions, share, UsageError, wholeNumber } from "paxbench";
import { describe, expect, test } from "vitest";

const options = {
  count: wholeNumber(3, 1, 10, "how many"),
  chance: share(0.5, "how likely"),
  delay: milliseconds(100, 1, 60_000, "how long"),
  loud: flag(false, "how"),
};

describe("parseOptions", () => {
  test.each([
    [{}, { count: 3, chance: 0.5, delay: 100, loud: false }],
    [{ count: "10", chance: "0", delay: "1", loud: "true" }, { count: 10, chance: 0, delay: 1, loud: true }],
    [{ chance: "1e-3", loud: "false" }, { count: 3, chance: 0.001, delay: 100, loud: false }],
    [{ somebodyElses: "1" }, { count: 3, chance: 0.5, delay: 100, loud: false }],
  ])("%o", (given, expected) => {
    expect(parseOptions("owner", options, new Map(Object.entries(given)))).toEqual(expected);
  });

  test.each([
    ["count", ["0", "11", "1.5", "-1", "", "1e1", "x"], "a whole number in 1..10"],
    ["chance", ["1.01", "-0.1", "", " ", "NaN", "half"], "a number in 0..1"],
    ["delay", ["0", "60001", "10ms"], "milliseconds, a whole number in 1..60000"],
    ["loud", ["yes", "1", "", "TRUE"], "true or false"],
  ])("%s: %j are refused, with what is allowed", (name, texts, allowed) => {
    for (const text of texts) {
      expect(() => parseOptions("owner", options, new Map([[name, text]])), `"${text}"`).toThrow(
        new UsageError(`owner: ${name}=${text}: allowed is ${allowed}`),
      );
    }
  });
});

describe("parseDuration", () => {
  test.each([
    ["250us", 250],
    ["2.5ms", 2500],
    ["10s", 10_000_000],
    ["1m", 60_000_000],
    ["0s", 0],
  ])("%s is %i µs", (text, micros) => expect(parseDuration(text)).toBe(micros));

  test.each(["10", "s", "-1s", "1h", "1 s", "1e3s", ""])("'%s' is none", (text) => expect(parseDuration(text)).toBeUndefined());
});
