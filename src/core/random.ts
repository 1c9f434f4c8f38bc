/** A stream of pseudo-random numbers that a seed determines. */
export interface Random {
  /** A whole number in 0 … limit-1. `limit` is at most 2^32. */
  below(limit: number): number;
  /** A number in [0, 1) with 32 random bits. */
  unit(): number;
}

/** FNV-1a over UTF-16 code units, then a finalizer: every input bit reaches every output bit. 32 bits, unsigned. */
export const hashText = (text: string, seed = 0): number => {
  let hash = (0x811c9dc5 ^ seed) | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mixBits(hash);
};

/** The 32-bit finalizer of MurmurHash3 (A. Appleby): from a 32-bit integer, signed or not, to an unsigned one. */
export const mixBits = (value: number): number => {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/**
 * xoshiro128** (Blackman, Vigna, "Scrambled linear pseudorandom number generators", 2021). Each actor of a run has a
 * stream of its own, so that one actor's draws never shift another's.
 */
export const createRandom = (seed: number, stream: string): Random => {
  let state = (hashText(stream, Math.floor(seed / 2 ** 32) | 0) ^ mixBits(seed | 0)) | 0;
  const word = (): number => mixBits((state = (state + 0x9e3779b9) | 0)) | 0;
  let a = word();
  let b = word();
  let c = word();
  let d = word() | 1; // never all zero
  const next = (): number => {
    const scrambled = Math.imul(b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return {
    // Multiply-shift; its bias is below limit / 2^32.
    below: (limit) => Math.floor((next() / 2 ** 32) * limit),
    unit: () => next() / 2 ** 32,
  };
};
