/** Words live in one file per language: no screen and no component says anything of its own. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.svelte'));
// The page of all components is for us alone, and no person meets it.
const ours = ['Foundations.svelte'];

/** Words of protocols and servers, which no language translates. */
const foreign = ['SHA256:', 'ok'];

/** Attributes and properties that are read or heard; everything else is a class, a name or a way to draw. */
const said = [
  'title',
  'label',
  'lead',
  'aria-label',
  'aria-description',
  'placeholder',
  'alt',
  'hint',
  'aside',
  'foot',
  'note',
];

type Node = { type: string; [key: string]: unknown };

/** What a template says in letters: texts between tags, and attributes that are read. */
function spoken(node: unknown, found: string[] = []): string[] {
  if (Array.isArray(node)) for (const one of node) spoken(one, found);
  else if (typeof node === 'object' && node !== null && 'type' in node) {
    const at = node as Node;
    if (at.type === 'Text' && /\p{L}{2}/u.test(String(at.data))) found.push(String(at.data).trim());
    if (at.type === 'Attribute') {
      if (said.includes(String(at.name))) spoken(at.value, found);
      return found;
    }
    // A text in quotes inside an expression is said as well: `{open ? 'Less' : 'More'}`.
    if (at.type === 'ExpressionTag') found.push(...quoted(at.expression));
    else for (const [key, value] of Object.entries(at)) if (key !== 'parent') spoken(value, found);
  }
  return found;
}

/** Literals that an expression hands to the page itself; not those it compares with or passes on. */
function quoted(expression: unknown): string[] {
  const at = expression as Node;
  switch (at.type) {
    case 'Literal':
      return /\p{L}{2}/u.test(String(at.value)) && typeof at.value === 'string' ? [at.value] : [];
    case 'TemplateLiteral':
      return (at.quasis as { value: { raw: string } }[]).map((q) => q.value.raw).filter((raw) => /\p{L}{2}/u.test(raw));
    case 'ConditionalExpression':
      return [...quoted(at.consequent), ...quoted(at.alternate)];
    case 'LogicalExpression':
      return [...quoted(at.left), ...quoted(at.right)];
    case 'BinaryExpression':
      return at.operator === '+' ? [...quoted(at.left), ...quoted(at.right)] : [];
    default:
      return [];
  }
}

const inTemplate = (text: string) => spoken(parse(text, { modern: true }).fragment);

describe.each(files.filter((path) => !ours.includes(path)))('%s', (path) => {
  it('says nothing that is not in a file of words', () => {
    expect(inTemplate(readFileSync(`src/${path}`, 'utf8')).filter((text) => !foreign.includes(text))).toEqual([]);
  });
});

it('hears what a careless screen would say', () => {
  const careless = `<h1>Hello</h1><p class="sub" title="Say">{open ? 'Less' : words.more}</p><Button label={\`Save \${n}\`} kind="pri" />`;
  expect(inTemplate(careless)).toEqual(['Hello', 'Say', 'Less', 'Save ']);
});

it('leaves dates and numbers to the language, and names it in the file of words alone', () => {
  const elsewhere = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(svelte|ts)$/.test(path) && !/test\.ts$|^words\/|^ipc\/recorded/.test(path))
    .filter((path) => /toLocale\w*\(\s*['"]|Intl\.\w+\(\s*['"]/.test(readFileSync(`src/${path}`, 'utf8')));
  expect(elsewhere).toEqual([]);
});
