/** Only tokens: no raw colour and no raw pixel beside tokens.css, and no token that nobody defined. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(svelte|css)$/.test(path) && !path.endsWith('tokens.css'))
  .map((path) => ({ path, text: readFileSync(`src/${path}`, 'utf8') }));

/** The styles of a file, without comments and without the conditions of media queries, which know no variables. */
function styles(path: string, text: string): string {
  const css = path.endsWith('.css')
    ? text
    : [...text.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, s]) => s).join('\n');
  return css.replace(/\/\*[\s\S]*?\*\//g, '').replace(/@media[^{]*\{/g, '@media {');
}

/** Properties that one component sets for those inside it. */
const handed = new Set(
  files.flatMap(({ text }) => [...text.matchAll(/(?:style:)?--([\w-]+)[:=]/g)].map(([, name]) => name)),
);

const defined = new Set(
  [...readFileSync('src/styles/tokens.css', 'utf8').matchAll(/--([\w-]+):/g)].map(([, name]) => name),
);

describe.each(files)('$path', ({ path, text }) => {
  const css = styles(path, text);

  it('has no raw pixel', () => {
    expect(css.match(/(?<![\w.#-])\d*\.?\d+(px|pt|rem)\b/g) ?? []).toEqual([]);
  });

  it('has no raw colour', () => {
    expect(css.match(/#[0-9a-f]{3,8}\b|\b(rgba?|hsla?|oklch)\(\s*\d/gi) ?? []).toEqual([]);
  });

  it('uses tokens that exist', () => {
    const used = [...css.matchAll(/var\(--([\w-]+)/g)].map(([, name]) => name);
    expect(used.filter((name) => !defined.has(name) && !handed.has(name))).toEqual([]);
  });
});

it('looked at some files', () => expect(files.length).toBeGreaterThan(40));
