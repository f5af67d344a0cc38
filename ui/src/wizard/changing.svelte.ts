/** Changes: choosing them, making them under the safety timer, keeping them or putting everything back. */
import type { ApplyOutcome, ApplyReply, ApplyStep, PastRun, Summary, UndoAnswers } from '../ipc/bindings';
import { isRunning, type Way } from './step';
import { Checking } from './checking.svelte';

export abstract class Changing extends Checking {
  seeChange(id: string) {
    this.seen = id;
    this.send({ kind: 'seeChanges' });
  }

  seeChanges() {
    this.seen = null;
    this.send({ kind: 'seeChanges' });
  }

  switchChange(id: string, on: boolean) {
    this.off = on ? this.off.filter((o) => o !== id) : [...this.off, id];
  }

  apply() {
    const server = this.server;
    const on = this.on;
    if (!server || on.length === 0 || this.stopping) return;
    this.go(
      this.endMeasuring().then(async () => {
        if (this.step.kind !== 'tune' || this.failure !== null) return;
        this.send({ kind: 'apply' });
        await this.runWith('apply', on, (take) => this.backend.apply(server.session, on, take));
      }),
    );
  }

  /** A server does one thing at a time: what is still measured is stopped, and what it came to stays. */
  private async endMeasuring() {
    if (this.step.kind !== 'meanwhile') return;
    this.stop();
    await this.measured;
  }

  /** The run that can be taken back: the one of this walk, else the newest that the server remembers. */
  get undoable(): Pick<PastRun, 'run' | 'at' | 'changes' | 'undoCosts'> | null {
    const run = this.summary?.run ?? null;
    if (!this.summary || run === null) return this.past.kept;
    const changes = (this.check.checked?.plan.changes ?? []).filter((c) => this.kept.includes(c.id));
    return {
      run,
      at: '',
      undoCosts: this.summary.undoCosts,
      changes: changes.length > 0 ? changes : (this.past.run(run)?.changes ?? []),
    };
  }

  undo(answers: UndoAnswers = { leave: [], overwrite: [] }) {
    const server = this.server;
    const run = this.step.kind === 'edited' ? this.step.run : this.undoable?.run;
    if (!server || !run) return;
    this.send({ kind: 'undo' });
    this.go(this.runWith('undo', [], (take) => this.backend.undo(server.session, run, answers, take)));
  }

  takeUp() {
    const server = this.server;
    if (!server || this.step.kind !== 'openRun') return;
    const { run, undoes, changes } = this.step.run;
    this.send({ kind: 'takeUp' });
    const ids = changes.map((change) => change.id);
    this.go(this.runWith(undoes ? 'undo' : 'apply', ids, (take) => this.backend.takeUp(server.session, run, take)));
  }

  protected async runWith(
    way: Way,
    changes: string[],
    start: (take: (step: ApplyStep) => void) => Promise<ApplyReply>,
  ) {
    this.run.start();
    this.over = false;
    this.stopping = false;
    const reply = await start((step) => {
      this.run.take(step, this.now());
      if (step.kind === 'heard') this.send({ kind: step.lost ? 'silence' : 'heard' });
      if (step.kind === 'prompt') this.prompt = step;
    });
    this.stopping = false;
    if (reply.kind === 'keep') this.pending = way === 'apply' ? changes.filter((id) => !this.run.leftOut(id)) : [];
    this.ran(reply);
  }

  /** Where a run, or more time for it, has led. */
  protected ran(reply: ApplyReply) {
    switch (reply.kind) {
      case 'keep':
        this.send({ kind: 'keepAsked', ask: reply });
        break;
      case 'putBack':
        this.afterPutBack(reply.summary, reply.why);
        break;
      case 'edited':
        this.send({ kind: 'editedFound', run: reply.run, places: reply.places });
        break;
      case 'refused':
        // While asking, the question stays: the timer on the server still runs.
        if (this.step.kind !== 'keep') this.send({ kind: 'runRefused' });
        this.failure = reply.failure;
        break;
    }
  }

  /** Whether the time to answer is over. */
  protected over = false;

  /** What will have been kept, once the person says so. */
  protected pending: string[] = [];

  keep() {
    this.decide((session) => this.backend.keep(session));
  }

  putBack() {
    this.decide((session) => this.backend.putBack(session));
  }

  /** Nobody answered in time: the server puts everything back by itself, and we ask it how that went. */
  timeUp() {
    this.over = true;
    this.decide((session) => this.backend.putBack(session));
  }

  async moreTime() {
    const server = this.server;
    if (!server || this.deciding) return;
    await this.guard(async () => this.ran(await this.backend.moreTime(server.session)));
  }

  protected decide(ask: (session: string) => Promise<ApplyOutcome>) {
    const server = this.server;
    if (!server || this.deciding || !isRunning(this.step)) return;
    this.deciding = true;
    this.go(
      ask(server.session)
        .then((outcome) => {
          switch (outcome.kind) {
            case 'kept':
              this.kept = this.pending;
              this.summary = outcome.summary;
              this.check.replace(outcome.summary.findings);
              this.send({ kind: 'kept' });
              this.go(this.past.readRuns(server.session));
              break;
            case 'putBack':
              this.afterPutBack(outcome.summary, outcome.why);
              break;
            case 'refused':
              // The question is over, so nothing is left to answer on this screen.
              if (this.over) this.send({ kind: 'runRefused' });
              this.failure = outcome.failure;
              break;
          }
        })
        .finally(() => (this.deciding = false)),
    );
  }

  protected afterPutBack(summary: Summary, why: string) {
    this.pending = [];
    this.summary = summary;
    this.check.replace(summary.findings);
    this.send({ kind: 'putBack', why });
  }
}
