/** The list of needs as rows: what to show of each, and which areas fold. Verdicts come from the backend; nothing is judged here. */
import type { Finding, WaitingRow } from '../ipc/bindings';

export type Row = {
  id: string;
  title: string;
  area: string;
  needed: string;
  /** A verdict, or `checking` or `waiting` before there is one. */
  verdict: string;
  finding: Finding | null;
};

export type Area = { id: string; rows: Row[]; met: number; judged: number; read: number };

/**
 * Rows in their final order; the first one without a finding is the one being read. A row that is as it was `before` is the same object, so that only
 * what changed is drawn again.
 */
export function rowsOf(
  list: WaitingRow[],
  found: ReadonlyMap<string, Finding>,
  running: boolean,
  before: Row[] = [],
): Row[] {
  let reading = running;
  return list.map((row, at) => {
    const finding = found.get(row.id) ?? null;
    const verdict = finding?.verdict ?? (reading ? 'checking' : 'waiting');
    if (finding === null) reading = false;
    const was = before[at];
    if (was?.id === row.id && was.finding === finding && was.verdict === verdict) return was;
    return { id: row.id, title: row.title, area: row.area, needed: finding?.needed ?? row.needed, verdict, finding };
  });
}

export function areasOf(rows: Row[]): Area[] {
  const areas: Area[] = [];
  for (const row of rows) {
    let area = areas.find((a) => a.id === row.area);
    if (!area) areas.push((area = { id: row.area, rows: [], met: 0, judged: 0, read: 0 }));
    area.rows.push(row);
    if (row.verdict !== 'not_applicable' && !row.finding?.waiver) area.judged += 1;
    if (row.verdict === 'met') area.met += 1;
    if (row.finding) area.read += 1;
  }
  return areas;
}

/** Everything that wants somebody: all but met, not needed and set aside. */
export function isTodo(row: Row): boolean {
  return row.verdict !== 'met' && row.verdict !== 'not_applicable' && !row.finding?.waiver;
}
