/** Fingerprints as people paste them, and how two compare. */

/** A SHA256 fingerprint has 43 characters of base64 without padding. */
const length = 43;

/** The bare 43 characters: without "SHA256:", spaces, padding, or the rest of a line of ssh-keygen. */
export function bare(text: string): string {
  const named = /SHA256:\s*([A-Za-z0-9+/]+)/.exec(text);
  return (named?.[1] ?? text).replace(/[\s=]/g, '');
}

/** In groups of four, for eyes. */
export function groups(text: string): string[] {
  return bare(text).match(/.{1,4}/g) ?? [];
}

export type Comparison =
  | { kind: 'empty' }
  | { kind: 'same'; length: number }
  /** Right so far, `missing` characters to go. */
  | { kind: 'partial'; missing: number }
  /** Different from group `group` on, counted from 1. */
  | { kind: 'different'; group: number }
  | { kind: 'unreadable' };

/** Compares what was pasted with what the server shows. Anything but all characters alike is not the same. */
export function compare(given: string, shown: string): Comparison {
  if (given.trim() === '' || /^\s*SHA256:?\s*$/.test(given)) return { kind: 'empty' };
  const a = bare(given);
  const b = bare(shown);
  if (!/^[A-Za-z0-9+/]+$/.test(a) || b.length === 0) return { kind: 'unreadable' };
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i])
      return a.length < length ? { kind: 'unreadable' } : { kind: 'different', group: Math.floor(i / 4) + 1 };
  }
  if (a.length < b.length) return { kind: 'partial', missing: b.length - a.length };
  return a.length === b.length ? { kind: 'same', length: b.length } : { kind: 'unreadable' };
}
