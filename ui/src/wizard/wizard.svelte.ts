/** The walk: holds the step and what the screens show, asks the backend, and lets `next` decide where an answer leads. */
import type { Saved, Settings } from '../ipc/bindings';
import { words } from '../words/en';
import { placeOf, readPlace } from './place';
import { isOutside, markOf, next, type Mark, type StepEvent } from './step';
import { Changing } from './changing.svelte';

export class Wizard extends Changing {
  /** Sends an event through `next`; whatever a new step needs is fetched here. */
  send(event: StepEvent) {
    const before = this.step;
    this.step = next(before, event);
    if (this.step === before) return;
    // A new walk begins without the server of the last one.
    if (isOutside(before) && !isOutside(this.step)) this.server = null;
    this.notice = '';
    this.failure = null;
    this.refused = null;
    this.remember();
    if (this.step.kind === 'home') this.go(this.loadServers());
    if (this.step.kind === 'settings') this.go(this.backend.about().then((about) => (this.about = about)));
    if (this.step.kind === 'history' && before.kind === 'home') this.go(this.past.read(this.step.server.id));
    if (this.step.kind === 'comparison') {
      const { server, before: earlier, now } = this.step;
      this.go(this.past.compare(server.id, earlier, now));
    }
    if (this.step.kind === 'role') this.go(this.loadNeeds());
    if (this.step.kind === 'server') this.go(this.loadDefaults());
    if (this.step.kind === 'fit' && before.kind !== 'server') this.go(this.loadFit());
    if (this.step.kind === 'otherRoles') this.go(this.loadFit());
    if (this.step.kind === 'checked') this.go(this.loadMeasurable());
  }

  /** First answers: settings, products, saved servers, and where the person was. */
  async start() {
    await this.guard(async () => {
      // Without products there is nothing to choose; all else may fail alone, and says so on the screen.
      const [offer, settings, servers, place] = await Promise.all([
        this.backend.products(),
        this.otherwise(this.backend.settings(), this.settings),
        this.otherwise(this.backend.savedServers(), []),
        this.otherwise(this.backend.place(), null),
      ]);
      this.offer(offer);
      this.settings = settings;
      this.servers = servers;
      this.restore(place);
      this.ready = true;
    });
  }

  // ---- the result

  async seeSummary() {
    const server = this.server;
    if (!server) return;
    await this.guard(async () => {
      this.summary = await this.backend.summary(server.session);
      this.send({ kind: 'seeSummary' });
    });
  }

  savePdf() {
    this.saveWith((session) => this.backend.savePdf(session));
  }
  saveJson() {
    this.saveWith((session) => this.backend.saveJson(session));
  }
  savePlaybook() {
    this.saveWith((session) => this.backend.savePlaybook(session));
  }
  saveScript(changes: string[]) {
    this.saveWith((session) => this.backend.saveScript(session, changes));
  }

  saveSetupReport(setup: string) {
    this.saveAs(() => this.backend.saveSetupReport(setup));
  }

  shareSetup(setup: string) {
    this.saveAs(() => this.backend.shareSetup(setup));
  }
  /** A setup that another computer shared: its servers join the list. */
  openSetup() {
    this.failure = null;
    this.go(
      this.backend.openSetup().then(async (opened) => {
        if (opened.kind === 'refused') this.failure = opened.failure;
        if (opened.kind !== 'opened') return;
        await this.loadServers();
        this.notice = words.home.setupOpened(opened.setup, opened.servers);
      }),
    );
  }

  protected saveWith(ask: (session: string) => Promise<Saved>) {
    const server = this.server;
    if (server) this.saveAs(() => ask(server.session));
  }

  protected saveAs(ask: () => Promise<Saved>) {
    this.failure = null;
    this.notice = words.summary.saving;
    this.go(
      ask()
        .then((saved) => {
          this.notice = saved.kind === 'to' ? words.summary.saved(saved.path) : '';
          if (saved.kind === 'refused') this.failure = saved.failure;
        })
        .catch((error: unknown) => {
          this.notice = '';
          throw error;
        }),
    );
  }

  async giveWord(answers: Record<string, string>, name: string) {
    const server = this.server;
    if (!server) return;
    await this.guard(async () => {
      for (const [id, answer] of Object.entries(answers))
        await this.backend.answerQuestion(server.session, id, answer, name);
      this.summary = await this.backend.summary(server.session);
      this.send({ kind: 'dialogClosed' });
    });
  }

  async details(): Promise<string> {
    return this.server ? this.backend.copyDetails(this.server.session) : '';
  }

  async saveDiagnostics(names: boolean) {
    await this.guard(async () => {
      const saved = await this.backend.saveDiagnostics(names);
      this.notice = saved.kind === 'to' ? words.summary.saved(saved.path) : '';
      if (saved.kind === 'refused') this.failure = saved.failure;
    });
  }

  openFolder() {
    this.go(this.backend.openDataFolder());
  }

  openLogs() {
    this.go(this.backend.openLogFolder());
  }

  changeSettings(to: Partial<Settings>) {
    this.settings = { ...this.settings, ...to };
    this.go(this.backend.setSettings(this.settings));
  }

  // ---- the rail

  to(mark: Mark) {
    const before = this.step;
    this.send({ kind: 'to', mark });
    if (this.step.kind === 'checking' && before.kind !== 'checking') this.go(this.look());
  }

  back() {
    const before = this.step;
    this.send({ kind: 'back' });
    if (this.step.kind === 'checking' && before.kind !== 'checking') this.go(this.look());
  }

  // ---- remembering the place

  protected remember() {
    const { form, choice } = this;
    const order = isOutside(this.step) ? 'roleFirst' : this.step.order;
    const place = placeOf(markOf(this.step), order, choice, form);
    this.go(this.backend.savePlace(JSON.stringify(place)));
  }

  /** Back to where the person was; a connection does not outlive the window, so at most to the connect screen. */
  protected restore(text: string | null) {
    const place = readPlace(text);
    if (!place) return;
    const looksFirst = place.order === 'serverFirst';
    if (place.role === null ? !looksFirst : !this.choice.take(place.role)) return;
    this.choice.setup = place.setup ?? '';
    this.form.where = place.where;
    this.form.address = place.address;
    this.form.port = place.port;
    this.form.user = place.user;
    if (looksFirst) this.send({ kind: 'lookFirst' });
    else if (place.mark === 'role') {
      this.send({ kind: 'setUp' });
      this.send({ kind: 'productChosen' });
    } else this.send({ kind: 'serverOpened' });
    this.stood = place.mark;
  }
}
