/**
 * The wire format of messages and journal records, declared once as a table; the TypeScript type is inferred from
 * the table, so that the two cannot drift:
 *
 *     const messages = union({ prepare: { ballot, from: slot }, … });
 *     type Message = Infer<typeof messages>;   // { type: "prepare"; ballot: Ballot; from: number } | …
 *
 * A union is one tag byte (the row's place in the table) and its fields in order; numbers are LEB128. Readers and
 * writers of structs are generated: one function a struct keeps call sites monomorphic and gives every decoded
 * message the same hidden class.
 */
import { noBallot, type Ballot } from "./ballot.ts";
import { DecodeError, type Reader, type Writer } from "./bytes.ts";
import { everyKey, noop, type Command, type CommandId } from "./command.ts";
import { invariant } from "./assert.ts";
import type { Random } from "./random.ts";
import { noReplicas, type ReplicaId, type ReplicaSet } from "./ids.ts";

export interface Codec<T> {
  write(writer: Writer, value: T): void;
  /** Throws `DecodeError`. Byte strings in the value are views of the reader's buffer. */
  read(reader: Reader): T;
  /** A random value, for tests of anything that carries it. */
  sample(random: Random): T;
}

export type Infer<C> = C extends Codec<infer T> ? T : never;

type Fields = Readonly<Record<string, Codec<unknown>>>;
type StructOf<F extends Fields> = { readonly [K in keyof F]: Infer<F[K]> };
type UnionOf<T extends Readonly<Record<string, Fields>>> = {
  [K in keyof T & string]: { readonly type: K } & StructOf<T[K]> extends infer M ? { [P in keyof M]: M[P] } : never;
}[keyof T & string];

/** A whole number in 0 … 2^53-1. */
export const uint: Codec<number> = {
  write: (writer, value) => writer.uint(value),
  read: (reader) => reader.uint(),
  // Small and large alike: each length of the encoding is as likely as the next.
  sample: (random) => Math.floor(random.unit() * 2 ** (1 + random.below(53))),
};

export const bool: Codec<boolean> = {
  write: (writer, value) => writer.byte(value ? 1 : 0),
  read(reader) {
    const byte = reader.byte();
    if (byte > 1) throw new DecodeError(`no boolean: ${byte}`);
    return byte === 1;
  },
  sample: (random) => random.below(2) === 1,
};

export const bytes: Codec<Uint8Array> = {
  write(writer, value) {
    writer.uint(value.length);
    writer.raw(value);
  },
  read: (reader) => reader.raw(reader.uint()),
  sample: (random) => Uint8Array.from({ length: random.below(64) }, () => random.below(256)),
};

/** A number with a name of its own: a slot, a term, a log index. */
const branded = <T extends number>(sample: (random: Random) => T): Codec<T> => ({
  write: (writer, value) => writer.uint(value),
  read: (reader) => reader.uint() as T,
  sample,
});

export const replica: Codec<ReplicaId> = branded((random) => random.below(31));
export const replicaSet: Codec<ReplicaSet> = branded((random) => (noReplicas | random.below(2 ** 31)) as ReplicaSet);
export const ballot: Codec<Ballot> = branded((random) => (noBallot + uint.sample(random)) as Ballot);

export const command: Codec<Command> = {
  write(writer, value) {
    writer.uint(value.id);
    const keys = value.keys;
    writer.uint(keys.length * 2 + (value.readOnly ? 1 : 0));
    for (let i = 0; i < keys.length; i++) writer.uint32(keys[i]!);
    writer.uint(value.payload.length);
    writer.raw(value.payload);
  },
  read(reader) {
    const id = reader.uint() as CommandId;
    const head = reader.uint();
    const keys = readList(reader, Math.floor(head / 2), () => reader.uint32());
    return { id, readOnly: head % 2 === 1, keys, payload: reader.raw(reader.uint()) };
  },
  sample: (random) => ({
    id: uint.sample(random) as CommandId,
    readOnly: bool.sample(random),
    keys: random.below(8) === 0 ? [everyKey] : Array.from({ length: random.below(4) }, () => random.below(2 ** 31)).sort((a, b) => a - b),
    payload: random.below(8) === 0 ? noop.payload : bytes.sample(random),
  }),
};

/** Every element takes at least a byte: a length above what is left is a lie, and must not allocate. */
const readList = <T>(reader: Reader, length: number, read: (reader: Reader) => T): T[] => {
  if (length > reader.end - reader.position) throw new DecodeError("cut off");
  const values: T[] = [];
  for (let i = 0; i < length; i++) values.push(read(reader));
  return values;
};

export const list = <T>(element: Codec<T>): Codec<readonly T[]> => ({
  write(writer, values) {
    writer.uint(values.length);
    for (let i = 0; i < values.length; i++) element.write(writer, values[i]!);
  },
  read: (reader) => readList(reader, reader.uint(), (from) => element.read(from)),
  sample: (random) => Array.from({ length: random.below(5) }, () => element.sample(random)),
});

export const nullable = <T>(value: Codec<T>): Codec<T | null> => ({
  write(writer, given) {
    writer.byte(given === null ? 0 : 1);
    if (given !== null) value.write(writer, given);
  },
  read: (reader) => (bool.read(reader) ? value.read(reader) : null),
  sample: (random) => (random.below(3) === 0 ? null : value.sample(random)),
});

/** A struct must have a field: an element that takes no byte could not be told from none. */
export const struct = <const F extends Fields>(fields: F): Codec<StructOf<F>> => {
  invariant(Object.keys(fields).length > 0, "a struct has at least one field");
  return generate(fields, null) as Codec<StructOf<F>>;
};

/** Rows in the order of the table get the tags 0, 1, …: append, never reorder, what a journal may hold. */
export const union = <const T extends Readonly<Record<string, Fields>>>(rows: T): Codec<UnionOf<T>> => {
  const types = Object.keys(rows);
  invariant(types.length <= 254, "a union has at most 254 rows");
  const codecs = types.map((type) => generate(rows[type]!, type));
  const cases = types.map((type, tag) => `case ${JSON.stringify(type)}: writer.byte(${tag}); codecs[${tag}].write(writer, value); return;`);
  // oxlint-disable-next-line no-implied-eval -- generated from the table above alone; see the head of this file
  const write = new Function(
    "codecs",
    `return (writer, value) => { switch (value.type) { ${cases.join(" ")} default: throw new TypeError("no such row: " + value.type); } };`,
  )(codecs) as Codec<UnionOf<T>>["write"];
  return {
    write,
    read(reader) {
      const tag = reader.byte();
      const codec = codecs[tag];
      if (codec === undefined) throw new DecodeError(`unknown tag ${tag}`);
      return codec.read(reader) as UnionOf<T>;
    },
    sample: (random) => codecs[random.below(codecs.length)]!.sample(random) as UnionOf<T>,
  };
};

/** Writer and reader of the fields in order, with `type` first in what is read when there is one. */
const generate = (fields: Fields, type: string | null): Codec<object> => {
  const names = Object.keys(fields);
  for (const name of names) invariant(/^[a-zA-Z]\w*$/.test(name), `a field name is an identifier, not "${name}"`);
  const codecs = names.map((name) => fields[name]!);
  const parameters = names.map((_, i) => `codec${i}`);
  const writes = names.map((name, i) => `codec${i}.write(writer, value.${name});`);
  const reads = names.map((name, i) => `${name}: codec${i}.read(reader)`);
  if (type !== null) reads.unshift(`type: ${JSON.stringify(type)}`);
  // oxlint-disable-next-line no-implied-eval -- names are checked above; see the head of this file
  const [write, read] = new Function(
    ...parameters,
    `return [(writer, value) => { ${writes.join(" ")} }, (reader) => ({ ${reads.join(", ")} })];`,
  )(...codecs) as [Codec<object>["write"], Codec<object>["read"]];
  const sample = (random: Random): object => ({
    ...(type === null ? {} : { type }),
    ...Object.fromEntries(names.map((name, i) => [name, codecs[i]!.sample(random)])),
  });
  return { write, read, sample };
};
