/** Columns padded to their widest cell; the first to the left, all others to the right. */
export const table = (header: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd();
  return [line(header), line(widths.map((width) => "─".repeat(width))), ...rows.map(line)].join("\n");
};

/** Three significant digits, thousands in groups. */
export const figure = (value: number): string => {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  return value.toPrecision(3).replace(/^(\d+)\.$/, "$1");
};

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
