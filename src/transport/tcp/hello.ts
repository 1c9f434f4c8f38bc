/**
 * The first frame each way on a connection. Who dials says which cluster it takes this to be, which node it is and whom
 * it wants; who answers agrees, or says why not. Everything after that is frames of nodes that know each other.
 */
import { DecodeError, Reader, Writer } from "../../core/bytes.ts";

/** Raised with every change of what nodes say to each other outside protocols. */
export const wireVersion = 1;

const magic = new TextEncoder().encode("paxbench");
export const fingerprintBytes = 16;
/** No hello is longer. */
export const helloLimit = 1024;

export interface Hello {
  /** Of cluster, protocol, its options and version: nodes of another cluster have another. */
  readonly fingerprint: Uint8Array;
  readonly from: number;
  readonly to: number;
}

export const writeHello = (writer: Writer, { fingerprint, from, to }: Hello): void => {
  writer.raw(magic);
  writer.byte(wireVersion);
  writer.raw(fingerprint);
  writer.uint(from);
  writer.uint(to);
};

/** Throws a `DecodeError` that says what is not ours. */
export const readHello = (reader: Reader): Hello => {
  expectMagic(reader);
  const hello = { fingerprint: reader.raw(fingerprintBytes), from: reader.uint(), to: reader.uint() };
  reader.expectDone();
  return hello;
};

/** `refusal` null: welcome. */
export const writeAnswer = (writer: Writer, refusal: string | null): void => {
  writer.raw(magic);
  writer.byte(wireVersion);
  writer.raw(new TextEncoder().encode(refusal ?? ""));
};

export const readAnswer = (reader: Reader): string | null => {
  expectMagic(reader);
  const refusal = new TextDecoder().decode(reader.raw(reader.end - reader.position));
  return refusal === "" ? null : refusal;
};

const expectMagic = (reader: Reader): void => {
  if (reader.end - reader.position <= magic.length) throw new DecodeError("no paxbench at the other end");
  for (const byte of magic) if (reader.byte() !== byte) throw new DecodeError("no paxbench at the other end");
  const version = reader.byte();
  if (version !== wireVersion) throw new DecodeError(`wire version ${version} at the other end, ${wireVersion} here`);
};
