/** A run of changes as it goes: its steps, its log, and when the server was last heard. */
import type { ApplyStep } from '../ipc/bindings';

export type RunItem = {
  id: string;
  title: string;
  note: string;
  state: 'waiting' | 'running' | 'done' | 'skipped' | 'failed';
  seconds: number | null;
};
export type LogLine = { time: string; text: string };

/** Steps that frame a run and are no changes. */
const frame = ['remember', 'timer', 'prove', 'check', 'decide'];

export class Run {
  #items = $state<RunItem[]>([]);
  #log = $state<LogLine[]>([]);
  #heard = $state<number | null>(null);
  #heardAt = 0;

  get items(): RunItem[] {
    return this.#items;
  }
  get log(): LogLine[] {
    return this.#log;
  }
  /** Seconds since the server was last heard, as the backend said; null before it said anything. */
  get heard(): number | null {
    return this.#heard;
  }
  /** When `heard` was told, by the clock of this window. */
  get heardAt(): number {
    return this.#heardAt;
  }

  get changes(): RunItem[] {
    return this.#items.filter((item) => !frame.includes(item.id));
  }
  /** Whether this change was not made: it failed and was undone, or what it builds on did. */
  leftOut(id: string): boolean {
    return this.changes.some((item) => item.id === id && (item.state === 'failed' || item.state === 'skipped'));
  }

  get made(): number {
    return this.changes.filter((item) => item.state === 'done').length;
  }
  /** Whether the safety timer ticks: from then on the server puts back by itself. */
  get guarded(): boolean {
    return this.#items.some((item) => item.id === 'timer' && item.state === 'done');
  }
  /** How far along, by steps ended. */
  get share(): number {
    if (this.#items.length === 0) return 0;
    const ended = this.#items.filter(
      (item) => item.state === 'done' || item.state === 'skipped' || item.state === 'failed',
    );
    return ended.length / this.#items.length;
  }
  get current(): RunItem | null {
    return this.#items.find((item) => item.state === 'running') ?? null;
  }

  start() {
    this.#items = [];
    this.#log = [];
    this.#heard = null;
  }

  take(step: ApplyStep, now: number) {
    switch (step.kind) {
      case 'steps':
        this.#items = step.steps.map((s) => ({ ...s, state: 'waiting', seconds: null }));
        break;
      case 'started':
        this.#change(step.id, { state: 'running' });
        break;
      case 'detail':
        this.#change(step.id, { note: step.text });
        break;
      case 'done':
        this.#change(step.id, { state: 'done', seconds: step.seconds });
        break;
      case 'skipped':
        this.#change(step.id, { state: 'skipped', note: step.why });
        break;
      case 'stepFailed':
        this.#change(step.id, { state: 'failed', note: step.why });
        break;
      case 'log':
        this.#log.push({ time: step.time, text: step.text });
        break;
      case 'heard':
        this.#heard = step.seconds;
        this.#heardAt = now;
        break;
    }
  }

  #change(id: string, to: Partial<RunItem>) {
    const item = this.#items.find((i) => i.id === id);
    if (item) Object.assign(item, to);
  }
}
