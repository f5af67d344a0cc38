import { describe, expect, it } from 'vitest';
import { bare, compare, groups } from './fingerprint';

const shown = 'SHA256:dDZdGu7qFJaBUmrF7vvccawqNnecW9OeKD8LOhuaQ9o';
const body = shown.slice(7);

describe('compare', () => {
  it.each([
    ['nothing', '', { kind: 'empty' }],
    ['only the name of the hash', 'SHA256:', { kind: 'empty' }],
    ['the same', shown, { kind: 'same', length: 43 }],
    ['the same without the name', body, { kind: 'same', length: 43 }],
    ['the same with padding', `${shown}=`, { kind: 'same', length: 43 }],
    ['the same in groups', groups(shown).join(' '), { kind: 'same', length: 43 }],
    ['a whole line of ssh-keygen', `256 ${shown} root@chat-01 (ED25519)`, { kind: 'same', length: 43 }],
    ['the beginning', body.slice(0, 10), { kind: 'partial', missing: 33 }],
    ['another one, from the third group', body.replace('FJaB', 'FJaC'), { kind: 'different', group: 3 }],
    ['another one, by its case alone', body.replace('dDZd', 'ddZd'), { kind: 'different', group: 1 }],
    ['another one, in the last character', `${body.slice(0, 42)}p`, { kind: 'different', group: 11 }],
    ['one character more', `${body}A`, { kind: 'unreadable' }],
    ['an MD5 fingerprint', 'MD5:c1:b1:30:29:d7:b8:de:6c:97:77:10:d7:46:41:63:87', { kind: 'unreadable' }],
    ['a sentence', 'they are the same', { kind: 'unreadable' }],
  ])('%s', (_, given, result) => expect(compare(given, shown)).toEqual(result));

  it('is never the same as nothing', () => {
    expect(compare(shown, '').kind).toBe('unreadable');
    expect(compare('', '').kind).toBe('empty');
  });
});

it('is shown in eleven groups', () => {
  expect(groups(shown)).toHaveLength(11);
  expect(groups(shown).join('')).toBe(bare(shown));
});
