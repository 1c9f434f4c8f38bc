/** Numbers as people read them. The locale is fixed: the same result gives the same bytes everywhere. */

const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** Three significant digits; above a thousand, to the unit. */
export function number(value: number): string {
  return (Math.abs(value) < 1000 ? short : whole).format(value);
}

export function duration(ms: number): string {
  return ms < 1000 ? `${number(ms)} ms` : `${number(ms / 1000)} s`;
}

export function percent(share: number): string {
  return `${number(share * 100)} %`;
}

export function plural(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Joins parts into as few lines as they need, of at most `width` characters unless a part alone is longer. */
export function lines(parts: readonly string[], separator: string, width: number): string[] {
  const out: string[] = [];
  for (const part of parts) {
    const longer = `${out.at(-1)}${separator}${part}`;
    if (out.length > 0 && longer.length <= width) out[out.length - 1] = longer;
    else out.push(part);
  }
  return out;
}
