/** A word of a command line, quoted for a POSIX shell if need be. */
export const quoted = (word: string): string => (/^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
