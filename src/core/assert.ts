/** A broken invariant: a defect of the program, never of its input. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws when `condition` does not hold. The message says what must hold. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
