/** One check as it streams in, and what it came to. */
/* eslint-disable svelte/prefer-svelte-reactivity -- the map of findings is never changed, only replaced by another */
import type { Checked, CheckStep, Counts, Finding, WaitingRow } from '../ipc/bindings';
import { rowsOf, type Row } from './rows';

/** Milliseconds between two drawings of a list that grows. */
const together = 50;

type Reading = { what: string; done: number; total: number };

export class Check {
  // What comes from the backend is replaced whole and never edited: nothing in it needs to be watched.
  #waiting = $state.raw<WaitingRow[]>([]);
  #found = $state.raw<ReadonlyMap<string, Finding>>(new Map());
  #running = $state(false);
  #reading = $state.raw<Reading | null>(null);
  #checked = $state.raw<Checked | null>(null);
  #startedAt = 0;
  /** Findings come faster than a list can be drawn: those of a moment are shown together. */
  #arrived: Finding[] = [];
  #next: Reading | null = null;
  #showing: ReturnType<typeof setTimeout> | null = null;

  get running(): boolean {
    return this.#running;
  }
  get reading(): Reading | null {
    return this.#reading;
  }
  get checked(): Checked | null {
    return this.#checked;
  }
  /** The rows as they were drawn last. */
  #drawn: Row[] = [];
  #rows = $derived.by(() => (this.#drawn = rowsOf(this.#waiting, this.#found, this.#running, this.#drawn)));
  get rows(): Row[] {
    return this.#rows;
  }
  get done(): number {
    return this.#found.size;
  }
  get total(): number {
    return this.#waiting.length;
  }
  /** The backend's counts once it is over; before that, the verdicts that have come. */
  get counts(): Counts {
    if (this.#checked && !this.#running) return this.#checked.counts;
    return this.#sofar;
  }
  #sofar: Counts = $derived.by(() => {
    const of: Record<string, number> = {};
    for (const { verdict } of this.#found.values()) of[verdict] = (of[verdict] ?? 0) + 1;
    return {
      met: of['met'] ?? 0,
      short: of['short'] ?? 0,
      missing: of['missing'] ?? 0,
      couldNotTell: of['could_not_tell'] ?? 0,
      youConfirm: of['you_confirm'] ?? 0,
      notApplicable: of['not_applicable'] ?? 0,
      waived: 0,
    };
  });

  /** Seconds left at the pace so far; null while that would be a guess. */
  secondsLeft(now: number): number | null {
    const passed = (now - this.#startedAt) / 1000;
    if (passed < 2 || this.done < 3 || this.total === 0) return null;
    return (passed / this.done) * (this.total - this.done);
  }

  start(now: number) {
    this.#show();
    this.#waiting = [];
    this.#found = new Map();
    this.#running = true;
    this.#reading = this.#next = null;
    this.#startedAt = now;
  }

  take(step: CheckStep) {
    switch (step.kind) {
      case 'rows':
        this.#waiting = step.rows;
        break;
      case 'reading':
        this.#next = step;
        this.#soon();
        break;
      case 'found':
        this.#arrived.push(step.finding);
        this.#soon();
        break;
    }
  }

  #soon() {
    this.#showing ??= setTimeout(() => this.#show(), together);
  }

  #show() {
    if (this.#showing !== null) clearTimeout(this.#showing);
    this.#showing = null;
    this.#reading = this.#next;
    this.replace(this.#arrived.splice(0));
  }

  /** The reply is the truth: the stream only drew it earlier. */
  end(checked: Checked | null) {
    this.#show();
    this.#running = false;
    this.#reading = this.#next = null;
    if (!checked) return;
    this.#checked = checked;
    this.replace(checked.findings);
    if (this.#waiting.length === 0) this.#waiting = checked.findings;
  }

  /** Findings that came in the stream, at its end, or with a later look at the same server. */
  replace(findings: Finding[]) {
    if (findings.length === 0) return;
    this.#found = new Map([...this.#found, ...findings.map((finding) => [finding.id, finding] as const)]);
  }
}
