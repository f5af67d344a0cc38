import { expect, it } from 'vitest';
import { findings, rows as waiting } from '../ipc/recorded/chat01';
import { areasOf, isTodo, rowsOf } from './rows';

const found = (n: number) => new Map(findings.slice(0, n).map((f) => [f.id, f]));

it('shows one row as being read, and none when nothing runs', () => {
  const verdicts = rowsOf(waiting, found(11), true).map((r) => r.verdict);
  expect(verdicts.filter((v) => v === 'checking')).toHaveLength(1);
  expect(verdicts[11]).toBe('checking');
  expect(rowsOf(waiting, found(11), false).some((r) => r.verdict === 'checking')).toBe(false);
});

it('never re-sorts', () => {
  const late = new Map([...found(36)].reverse());
  expect(rowsOf(waiting, late, true).map((r) => r.id)).toEqual(waiting.map((r) => r.id));
});

it('leaves a row that is as it was the same object, so that it is not drawn again', () => {
  const before = rowsOf(waiting, found(11), true);
  const after = rowsOf(waiting, found(12), true, before);
  const changed = after.filter((row, at) => row !== before[at]);
  expect(changed.map((row) => row.verdict)).toEqual([after[11]?.verdict, 'checking']);
  expect(after).toEqual(rowsOf(waiting, found(12), true));
});

it('counts an area without what is not needed', () => {
  const storage = areasOf(rowsOf(waiting, found(36), false)).find((a) => a.id === 'storage');
  expect(storage).toMatchObject({ met: 2, judged: 2 });
  expect(storage?.rows).toHaveLength(3);
});

it('leaves to do what is neither met nor unneeded, what could not be told included', () => {
  const todo = rowsOf(waiting, found(36), false).filter(isTodo);
  expect(new Set(todo.map((r) => r.verdict))).toEqual(new Set(['short', 'missing', 'could_not_tell', 'you_confirm']));
});
