/** One check as it streams in, and what it came to. */
import { SvelteMap } from 'svelte/reactivity';
import type { Checked, CheckStep, Counts, Finding, WaitingRow } from '../ipc/bindings';
import { rowsOf, type Row } from './rows';

/** Milliseconds between two drawings of a list that grows. */
const together = 50;

export class Check {
  #waiting = $state<WaitingRow[]>([]);
  #found = new SvelteMap<string, Finding>();
  #running = $state(false);
  #reading = $state<{ what: string; done: number; total: number } | null>(null);
  #checked = $state<Checked | null>(null);
  #startedAt = 0;
  #heardAt = 0;
  /** Findings come faster than a list can be drawn: those of a moment are shown together. */
  #arrived: Finding[] = [];
  #showing: ReturnType<typeof setTimeout> | null = null;

  get running(): boolean {
    return this.#running;
  }
  get reading(): { what: string; done: number; total: number } | null {
    return this.#reading;
  }
  get checked(): Checked | null {
    return this.#checked;
  }
  get rows(): Row[] {
    return rowsOf(this.#waiting, this.#found, this.#running);
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
    const of = (verdict: string) => [...this.#found.values()].filter((f) => f.verdict === verdict).length;
    return {
      met: of('met'),
      short: of('short'),
      missing: of('missing'),
      couldNotTell: of('could_not_tell'),
      youConfirm: of('you_confirm'),
      notApplicable: of('not_applicable'),
      waived: 0,
    };
  }

  /** Seconds left at the pace so far; null while that would be a guess. */
  secondsLeft(now: number): number | null {
    const passed = (now - this.#startedAt) / 1000;
    if (passed < 2 || this.done < 3 || this.total === 0) return null;
    return (passed / this.done) * (this.total - this.done);
  }

  start(now: number) {
    this.#show();
    this.#waiting = [];
    this.#found.clear();
    this.#running = true;
    this.#reading = null;
    this.#startedAt = now;
    this.#heardAt = now;
  }

  /** Milliseconds in which the server has said nothing. */
  silence(now: number): number {
    return now - this.#heardAt;
  }

  take(step: CheckStep, now: number) {
    this.#heardAt = now;
    switch (step.kind) {
      case 'rows':
        this.#waiting = step.rows;
        break;
      case 'reading':
        this.#reading = step;
        break;
      case 'found':
        this.#arrived.push(step.finding);
        this.#showing ??= setTimeout(() => this.#show(), together);
        break;
    }
  }

  #show() {
    if (this.#showing !== null) clearTimeout(this.#showing);
    this.#showing = null;
    for (const finding of this.#arrived.splice(0)) this.#found.set(finding.id, finding);
  }

  /** The reply is the truth: the stream only drew it earlier. */
  end(checked: Checked | null) {
    this.#show();
    this.#running = false;
    this.#reading = null;
    if (!checked) return;
    this.#checked = checked;
    for (const finding of checked.findings) this.#found.set(finding.id, finding);
    if (this.#waiting.length === 0) this.#waiting = checked.findings;
  }

  /** Findings that came with a later look at the same server. */
  replace(findings: Finding[]) {
    for (const finding of findings) this.#found.set(finding.id, finding);
  }
}
