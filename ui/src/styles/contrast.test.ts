/** Contrast is computed from the tokens themselves: who changes a colour below its floor sees this fail. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync('src/styles/tokens.css', 'utf8');

type Tokens = Map<string, string>;

function tokens(block: string): Tokens {
  return new Map(
    [...block.matchAll(/--([\w-]+):\s*([^;}]+)/g)].map(([, name = '', value = '']) => [name, value.trim()]),
  );
}

/** The text between the braces after `head`. */
function block(head: string): string {
  const start = css.indexOf(head);
  expect(start, `${head} stands in tokens.css`).toBeGreaterThanOrEqual(0);
  const open = css.indexOf('{', start + head.length - 1);
  let depth = 0;
  for (let i = open; i < css.length; i++) {
    if (css[i] === '{') depth += 1;
    if (css[i] === '}') depth -= 1;
    if (depth === 0) return css.slice(open + 1, i);
  }
  throw new Error(`${head} does not end`);
}

const light = tokens(block(':root {'));
const dark = new Map([...light, ...tokens(block(":root[data-theme='dark'] {"))]);
const system = new Map([...light, ...tokens(block('@media (prefers-color-scheme: dark) {'))]);

type Rgb = [number, number, number];

function rgb(theme: Tokens, name: string): Rgb {
  const value = theme.get(name) ?? '';
  const other = /^var\(--([\w-]+)\)$/.exec(value)?.[1];
  if (other !== undefined) return rgb(theme, other);
  const hex = /^#([0-9a-f]{6})$/i.exec(value)?.[1];
  if (hex === undefined) throw new Error(`--${name} is no colour: ${value}`);
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)) as Rgb;
}

function luminance([r, g, b]: Rgb): number {
  const linear = [r, g, b].map((c) =>
    c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
  ) as Rgb;
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

function contrast(a: Rgb, b: Rgb): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const softs = ['accent-soft', 'met-soft', 'short-soft', 'missing-soft', 'unknown-soft'];
const grounds = ['surface', 'canvas', 'hover', ...softs];

/** Text or shape, the grounds it stands on, and the floor of WCAG 2.2: 4.5 for text, 3 for shapes. */
const pairs: [string, string[], number][] = [
  ['ink', grounds, 4.5],
  ['ink-2', [...grounds, 'sunken', 'press'], 4.5],
  ['ink-3', ['surface', 'canvas', 'sunken', 'hover', 'accent-soft'], 4.5],
  ['accent-ink', ['surface', 'canvas', 'accent-soft', 'sunken'], 4.5],
  ['on-accent', ['accent', 'accent-hover', 'accent-press'], 4.5],
  ...(['met', 'short', 'missing', 'unknown'] as const).flatMap((v): [string, string[], number][] => [
    [`${v}-ink`, ['surface', 'hover', `${v}-soft`, 'accent-soft'], 4.5],
    [`${v}-fill`, ['surface', 'hover', 'accent-soft'], 3],
  ]),
  ['accent', ['surface', 'hover', 'accent-soft', 'canvas'], 3],
  ['control', ['surface', 'canvas', 'accent-soft'], 3],
  ['plumb', ['surface', 'canvas'], 3],
];

describe.each([
  ['light', light],
  ['dark', dark],
  ['dark by the system', system],
])('%s', (_, theme) => {
  it.each(pairs)('%s on %j is at least %f', (name, on, floor) => {
    for (const ground of on) {
      expect(contrast(rgb(theme, name), rgb(theme, ground)), `${name} on ${ground}`).toBeGreaterThanOrEqual(floor);
    }
  });

  it('the shortcut hint in a button, 82 % of its label, is at least 4.5', () => {
    const [over, under] = [rgb(theme, 'on-accent'), rgb(theme, 'accent')];
    const mixed = over.map((c, i) => c * 0.82 + (under[i] ?? 0) * 0.18) as Rgb;
    expect(contrast(mixed, under)).toBeGreaterThanOrEqual(4.5);
  });
});

it('both ways to dark say the same', () => {
  expect([...system.entries()].sort()).toEqual([...dark.entries()].sort());
});

it('computes what WCAG computes', () => {
  expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21, 5);
  expect(contrast([118, 118, 118], [255, 255, 255])).toBeCloseTo(4.54, 2);
});
