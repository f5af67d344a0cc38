/** What can be measured, what is chosen of it, and what it came to as it comes in. */
import { SvelteSet } from 'svelte/reactivity';
import type { Failure, Measurable, MeasuredFigure, MeasuredPort, MeasureStep, StorageAsk } from '../ipc/bindings';

/** How far one measurement is. */
export type State = 'waiting' | 'running' | 'done' | 'withheld';

export type MeasureRow = Measurable & {
  state: State;
  text: string;
  share: number;
  figures: MeasuredFigure[];
  found: MeasuredPort[];
  withheld: string | null;
};

const fresh = { state: 'waiting' as State, text: '', share: 0, figures: [], found: [], withheld: null };

export class Measuring {
  #rows = $state<MeasureRow[]>([]);
  /** Rows whose switch was moved: what asks for more than a press is off by itself, all else is on. */
  #moved = new SvelteSet<string>();
  #running = $state(false);
  /** A place for files, as it was typed. */
  storage = $state<StorageAsk>({ address: '', keyId: '', secret: '' });
  /** What is wrong with it. */
  problem = $state<Failure | null>(null);

  get rows(): MeasureRow[] {
    return this.#rows;
  }
  get running(): boolean {
    return this.#running;
  }
  /** Whether anything has come of it yet. */
  get some(): boolean {
    return this.#rows.some((row) => row.state === 'done' || row.state === 'withheld');
  }
  /** Ids of what is switched on, in the order of the list. */
  get chosen(): string[] {
    return this.#rows.map((row) => row.id).filter((id) => this.isOn(id));
  }

  /** About how many seconds what is chosen still takes. */
  get left(): number {
    const still = (row: MeasureRow) => {
      if (row.state === 'waiting') return row.seconds;
      if (row.state !== 'running') return 0;
      const share = row.ports.length > 0 ? row.found.length / row.ports.length : row.share;
      return row.seconds * (1 - share);
    };
    return this.#rows.filter((row) => this.isOn(row.id)).reduce((sum, row) => sum + still(row), 0);
  }

  /** What is offered anew keeps what it came to before. */
  offer(all: Measurable[]) {
    const known = (id: string) => this.#rows.find((row) => row.id === id);
    this.#rows = all.map((one) => ({ ...fresh, ...known(one.id), ...one }));
  }

  isOn(id: string): boolean {
    const asks = this.#rows.some((row) => row.id === id && row.asks);
    return this.#moved.has(id) === asks;
  }

  turn(id: string, on: boolean) {
    if (on === this.isOn(id)) return;
    if (this.#moved.has(id)) this.#moved.delete(id);
    else this.#moved.add(id);
  }

  /** The place that was named, where it is to be tried. */
  get named(): StorageAsk | null {
    return this.#rows.some((row) => row.asks && this.isOn(row.id)) ? { ...this.storage } : null;
  }

  start() {
    this.#running = true;
    this.problem = null;
    const chosen = this.chosen;
    this.#rows = this.#rows.map((row) => (chosen.includes(row.id) ? { ...row, ...fresh } : row));
  }

  take(step: MeasureStep) {
    switch (step.kind) {
      case 'started':
        this.#change(step.id, () => ({ state: 'running' }));
        break;
      case 'soFar':
        this.#change(step.id, () => ({ text: step.text, share: step.share }));
        break;
      case 'port':
        this.#change(step.id, (row) => ({ found: [...row.found, step.port] }));
        break;
      case 'done':
        this.#change(step.id, () => ({
          state: step.withheld === null ? 'done' : 'withheld',
          figures: step.figures,
          withheld: step.withheld,
          text: '',
        }));
        break;
    }
  }

  /** Over: what had not ended has not been measured. */
  end() {
    this.#running = false;
    this.storage.secret = '';
    this.#rows = this.#rows.map((row) => (row.state === 'running' ? { ...row, ...fresh } : row));
  }

  #change(id: string, to: (row: MeasureRow) => Partial<MeasureRow>) {
    this.#rows = this.#rows.map((row) => (row.id === id ? { ...row, ...to(row) } : row));
  }
}
