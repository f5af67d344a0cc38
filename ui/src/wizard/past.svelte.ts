/** What was: the checks this computer kept of a server, two of them compared, and the runs the server itself remembers. */
import type { Compared, History, PastRun } from '../ipc/bindings';
import type { Backend } from '../ipc/backend';
import { isFailure } from '../state/trouble';

export class Past {
  #backend: Backend;
  #history = $state<History | null>(null);
  #compared = $state<Compared | null>(null);
  #runs = $state<PastRun[]>([]);

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Null until it has been read. */
  get history(): History | null {
    return this.#history;
  }
  get compared(): Compared | null {
    return this.#compared;
  }
  /** The run that waits for an answer, from whichever computer it was begun. */
  get open(): PastRun | null {
    return this.#runs.find((run) => run.state === 'open') ?? null;
  }
  /** The newest run that is kept and can be taken back. */
  get kept(): PastRun | null {
    return this.#runs.find((run) => run.state === 'kept' && !run.undoes) ?? null;
  }
  run(id: string): PastRun | null {
    return this.#runs.find((run) => run.run === id) ?? null;
  }

  async read(server: string) {
    this.#history = null;
    this.#history = await this.#backend.history(server);
  }

  async compare(server: string, before: string, now: string) {
    this.#compared = null;
    this.#compared = await this.#backend.compareChecks(server, before, now);
  }

  /** Only an administrator may see the runs; whoever may not, or reads a file, is shown none. */
  async readRuns(session: string) {
    this.#runs = [];
    try {
      this.#runs = await this.#backend.pastRuns(session);
    } catch (error) {
      if (!isFailure(error)) throw error;
    }
  }
}
