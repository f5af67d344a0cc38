/** The check: reading and judging, the password an administrator gives, and runs that still wait. */

import type { Aside } from '../ipc/bindings';
import { Reaching } from './reaching.svelte';

export abstract class Checking extends Reaching {
  checkAgain() {
    this.send({ kind: 'checkAgain' });
    this.go(this.look());
  }

  protected async look() {
    const role = this.choice.id;
    if (!this.server || role === null || this.step.kind !== 'checking') return;
    this.check.start(this.now());
    this.stopping = false;
    this.unheard = false;
    if (this.choice.setup !== '') await this.backend.joinSetup(this.server.session, this.choice.setup);
    const reply = await this.backend
      .check(this.server.session, role, (step) => this.check.take(step))
      .catch((error: unknown) => {
        this.check.end(null);
        throw error;
      });
    this.stopping = false;
    if (reply.kind === 'refused') {
      this.check.end(null);
      this.send({ kind: 'checked' });
      this.failure = reply.failure;
      return;
    }
    this.unheard = reply.unheard;
    this.check.end(reply);
    this.off = reply.plan.changes.filter((c) => c.advisedOff !== null).map((c) => c.id);
    this.fit = reply.fit;
    const hidden = reply.kind === 'checked' ? reply.hidden : 0;
    this.send(hidden > 0 ? { kind: 'sudoAsked', hidden } : { kind: 'checked' });
    if (hidden === 0) this.go(this.lookForRuns(this.server.session));
  }

  /** A run that waits for an answer, from this computer or another, is asked about before anything else is begun. */
  protected async lookForRuns(session: string) {
    await this.past.readRuns(session);
    const { open } = this.past;
    if (open) this.send({ kind: 'openRunFound', run: open });
  }

  /** What could be measured here; nothing where a file stands for the server. */
  protected async loadMeasurable() {
    if (this.server) this.measuring.offer(await this.backend.measurable(this.server.session));
  }

  /** Resolves when what is being measured is over. */
  protected measured: Promise<void> = Promise.resolve();

  measure(): Promise<void> {
    this.measured = this.measureChosen();
    return this.measured;
  }

  /** Measures what is chosen; the answers are judged with the rest. A person may look at the changes meanwhile. */
  private async measureChosen() {
    const server = this.server;
    const what = this.measuring.chosen;
    if (!server || what.length === 0) return;
    this.send({ kind: 'measureStarted' });
    this.stopping = false;
    const storage = this.measuring.named;
    this.measuring.start();
    await this.guard(async () => {
      const reply = await this.backend
        .measure(server.session, what, storage, (step) => this.measuring.take(step))
        .finally(() => this.measuring.end());
      this.send({ kind: 'measured' });
      if (reply.kind !== 'refused') this.check.end(reply);
      else if (reply.failure.field.startsWith('storage')) this.measuring.problem = reply.failure;
      else this.failure = reply.failure;
    });
    this.stopping = false;
  }

  /** Sets a need aside, or takes it up again. */
  async setAside(need: string, aside: Aside | null) {
    const server = this.server;
    if (!server) return;
    await this.guard(async () => this.check.end(await this.backend.setAside(server.session, need, aside)));
  }

  async giveSudo(password: string, remember: boolean) {
    if (!this.server) return;
    const session = this.server.session;
    await this.guard(async () => {
      this.sudoError = await this.backend.giveSudo(session, password, remember);
      if (this.sudoError === null) this.checkAgain();
    });
  }

  skipSudo() {
    this.sudoError = null;
    this.send({ kind: 'dialogClosed' });
  }

  /** Stops whatever runs; what was read or remembered stays. */
  stop() {
    if (this.stopping) return;
    this.stopping = true;
    this.go(this.backend.cancel());
  }
}
