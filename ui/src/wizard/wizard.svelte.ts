/** The walk: holds the step and what the screens show, asks the backend, and lets `next` decide where an answer leads. */
import type {
  About,
  ApplyOutcome,
  ApplyReply,
  ApplyStep,
  ConnectDefaults,
  ConnectReply,
  ConnectStep,
  Failure,
  FitRow,
  PastRun,
  RoleNeeds,
  Saved,
  SavedServer,
  ServerHead,
  Settings,
  Summary,
  Trust,
  UndoAnswers,
} from '../ipc/bindings';
import type { Backend } from '../ipc/backend';
import { Check } from '../state/check.svelte';
import { Choice } from '../state/choice.svelte';
import { ConnectForm } from '../state/connect.svelte';
import { Measuring } from '../state/measure.svelte';
import { Run } from '../state/run.svelte';
import { isFailure } from '../state/trouble';
import { words } from '../words/en';
import { Past } from './past.svelte';
import { placeOf, readPlace } from './place';
import { checkAll } from './recheck';
import { isOutside, isRunning, markOf, next, type Mark, type Step, type StepEvent, type Way } from './step';

/** After so long without a sign of life the screen says so. The backend looks every 5 seconds: three misses. */
const silentAfter = 15;

type Prompt = { id: number; text: string; echo: boolean };

export class Wizard {
  readonly choice = new Choice();
  readonly form = new ConnectForm();
  readonly check = new Check();
  readonly measuring = new Measuring();
  readonly run = new Run();
  readonly past: Past;

  #backend: Backend;
  #now: () => number;
  #step = $state<Step>({ kind: 'home' });
  #ready = $state(false);
  #trouble = $state<string | null>(null);
  #about = $state<About | null>(null);
  #settings = $state<Settings>({ theme: 'system', safetyMinutes: 2, shortcuts: true, explain: false, logOpen: false });
  #servers = $state<SavedServer[]>([]);
  #defaults = $state<ConnectDefaults | null>(null);
  #needs = $state<RoleNeeds | null>(null);
  #server = $state<ServerHead | null>(null);
  #resumed = $state<Mark | null>(null);
  #connecting = $state<string | null>(null);
  #prompt = $state<Prompt | null>(null);
  #stopping = $state(false);
  #sudoError = $state<Failure | null>(null);
  #fit = $state<FitRow[] | null>(null);
  #fitRole = $state<string | null>(null);
  #off = $state<string[]>([]);
  #kept = $state<string[]>([]);
  #seen = $state<string | null>(null);
  #deciding = $state(false);
  #checkingAll = $state(false);
  #summary = $state<Summary | null>(null);
  #notice = $state('');
  #failure = $state<Failure | null>(null);

  constructor(backend: Backend, now: () => number = () => Date.now()) {
    this.#backend = backend;
    this.past = new Past(backend);
    this.#now = now;
  }

  get step(): Step {
    return this.#step;
  }
  /** Whether the first answers of the backend have come. */
  get ready(): boolean {
    return this.#ready;
  }
  /** Text of an error nobody expected; the last resort. */
  get trouble(): string | null {
    return this.#trouble;
  }
  get settings(): Settings {
    return this.#settings;
  }
  /** What this installation is; null until it was asked. */
  get about(): About | null {
    return this.#about;
  }
  /** Whether this walk goes over recorded readings, which every screen then says. */
  get practising(): boolean {
    return !isOutside(this.#step) && this.#server?.practice === true;
  }
  get servers(): SavedServer[] {
    return this.#servers;
  }
  get defaults(): ConnectDefaults | null {
    return this.#defaults;
  }
  get needs(): RoleNeeds | null {
    return this.#needs;
  }
  get server(): ServerHead | null {
    return this.#server;
  }
  /** Where a reopened window had stood, when that needs a connection again; null once there is one. */
  get resumed(): Mark | null {
    return this.#resumed === 'check' || this.#resumed === 'tune' ? this.#resumed : null;
  }
  /** What is being done to connect, in words; null when nothing is. */
  get connecting(): string | null {
    return this.#connecting;
  }
  get prompt(): Prompt | null {
    return this.#prompt;
  }
  get stopping(): boolean {
    return this.#stopping;
  }
  get sudoError(): Failure | null {
    return this.#sudoError;
  }
  get fit(): FitRow[] | null {
    return this.#fit;
  }
  get fitRole(): string | null {
    return this.#fitRole;
  }
  /** Ids of the changes that are switched on, in the order of the plan. */
  get on(): string[] {
    return (this.check.checked?.plan.changes ?? []).map((c) => c.id).filter((id) => !this.#off.includes(id));
  }
  get kept(): string[] {
    return this.#kept;
  }
  /** The change a link wants opened on the next screen. */
  get seen(): string | null {
    return this.#seen;
  }
  get deciding(): boolean {
    return this.#deciding;
  }
  get checkingAll(): boolean {
    return this.#checkingAll;
  }
  get summary(): Summary | null {
    return this.#summary;
  }
  /** A short word for the footer, such as where a file was saved. */
  get notice(): string {
    return this.#notice;
  }
  /** What a command on this screen came to, when it was refused. */
  get failure(): Failure | null {
    return this.#failure;
  }
  /** "Reforms, small team". */
  get roleLine(): string {
    const { product, role } = this.choice;
    if (!product) return '';
    if (!role) return product.title;
    return words.rail.roleLine(product.title, role.title);
  }

  /** Sends an event through `next`; whatever a new step needs is fetched here. */
  send(event: StepEvent) {
    const before = this.#step;
    this.#step = next(before, event);
    if (this.#step === before) return;
    // A new walk begins without the server of the last one.
    if (isOutside(before) && !isOutside(this.#step)) this.#server = null;
    this.#notice = '';
    this.#failure = null;
    this.#remember();
    if (this.#step.kind === 'home') this.#go(this.#loadServers());
    if (this.#step.kind === 'settings') this.#go(this.#backend.about().then((about) => (this.#about = about)));
    if (this.#step.kind === 'history' && before.kind === 'home') this.#go(this.past.read(this.#step.server.id));
    if (this.#step.kind === 'comparison') {
      const { server, before: earlier, now } = this.#step;
      this.#go(this.past.compare(server.id, earlier, now));
    }
    if (this.#step.kind === 'role') this.#go(this.#loadNeeds());
    if (this.#step.kind === 'server') this.#go(this.#loadDefaults());
    if (this.#step.kind === 'fit' && before.kind !== 'server') this.#go(this.#loadFit());
    if (this.#step.kind === 'otherRoles') this.#go(this.#loadFit());
    if (this.#step.kind === 'checked') this.#go(this.#loadMeasurable());
  }

  /** First answers: settings, products, saved servers, and where the person was. */
  async start() {
    await this.#guard(async () => {
      // Without products there is nothing to choose; all else may fail alone, and says so on the screen.
      const [products, settings, servers, place] = await Promise.all([
        this.#backend.products(),
        this.#else(this.#backend.settings(), this.#settings),
        this.#else(this.#backend.savedServers(), []),
        this.#else(this.#backend.place(), null),
      ]);
      this.choice.offer(products);
      this.#settings = settings;
      this.#servers = servers;
      this.#restore(place);
      this.#ready = true;
    });
  }

  // ---- choosing

  chooseProduct(id: string) {
    this.choice.chooseProduct(id);
    this.send({ kind: 'productChosen' });
  }

  chooseRole(id: string) {
    this.choice.chooseRole(id);
    this.#go(this.#loadNeeds());
  }

  setScale(value: number) {
    this.choice.setScale(value);
    this.#go(this.#loadNeeds());
  }

  chooseOption(id: string, value: string) {
    this.choice.chooseOption(id, value);
    this.#go(this.#loadNeeds());
  }

  async #loadNeeds() {
    const id = this.choice.id;
    if (id === null) return;
    const needs = await this.#backend.roleNeeds(id);
    // While dragging, answers overtake one another: only the one that was asked last counts.
    if (this.choice.id === id) this.#needs = needs;
  }

  needsOf(role: string): Promise<RoleNeeds> {
    return this.#backend.roleNeeds(role);
  }

  // ---- servers

  openServer(server: SavedServer) {
    this.form.takeSaved(server);
    this.choice.take(server.role);
    this.choice.setup = server.setup;
    this.send({ kind: 'serverOpened' });
    this.#go(this.connect());
  }

  async checkAll() {
    if (this.#checkingAll) return;
    this.#checkingAll = true;
    this.#stopping = false;
    await this.#guard(async () => {
      const said = await checkAll(
        this.#backend,
        this.#servers,
        (notice) => (this.#notice = notice),
        () => this.#stopping || this.#step.kind !== 'home',
      );
      await this.#loadServers();
      if (this.#step.kind === 'home') this.#notice = said;
    });
    this.#checkingAll = false;
    this.#stopping = false;
  }

  forgetServer(server: SavedServer) {
    this.#go(this.#backend.forgetServer(server.id).then(() => this.#loadServers()));
  }

  async #loadServers() {
    this.#servers = await this.#backend.savedServers();
  }

  async #loadDefaults() {
    const [defaults, servers] = await Promise.all([this.#backend.connectDefaults(), this.#backend.savedServers()]);
    this.#defaults = defaults;
    this.#servers = servers;
    this.form.fill(defaults);
  }

  pickKey() {
    this.#go(
      this.#backend.pickKeyFile().then(async (path) => {
        if (path === null) return;
        this.form.keyPath = path;
        await this.#inspect(path);
      }),
    );
  }

  inspectKey(path: string) {
    if (path.trim() !== '') this.#go(this.#inspect(path.trim()));
  }

  async #inspect(path: string) {
    const key = await this.#backend.inspectKey(path);
    if (this.form.keyPath.trim() !== path) return;
    this.form.key = key;
    if (key.problem !== null) this.form.errors = { ...this.form.errors, keyFile: key.problem };
    else if (this.form.errors.keyFile !== undefined) this.form.errors = {};
  }

  async connect(trust: Trust = { kind: 'knownOnly' }) {
    if (this.#connecting !== null) return;
    if (this.form.where === 'local') {
      await this.#connectWith(() => this.#backend.thisComputer((s) => this.#connectStep(s)));
      return;
    }
    if (!this.form.complete()) return;
    await this.#connectWith(() => this.#backend.connect(this.form.ask(trust), (s) => this.#connectStep(s)));
  }

  openFacts() {
    this.#go(this.#connectWith(() => this.#backend.openFacts()));
  }

  /** A reading that was dropped on the window. While a server is at hand or being changed, a drop means nothing. */
  dropFacts(file: File) {
    if (this.server !== null || this.#connecting !== null || isRunning(this.#step)) return;
    this.#go(file.text().then((text) => this.#connectWith(() => this.#backend.dropFacts(file.name, text))));
  }

  practice() {
    this.#go(this.#connectWith(() => this.#backend.practice()));
  }

  acceptFirst(compared: boolean) {
    if (this.#step.kind !== 'firstContact') return;
    const { fingerprint } = this.#step.contact;
    this.send({ kind: 'dialogClosed' });
    this.#go(this.connect({ kind: 'first', fingerprint, compared }));
  }

  replaceKey(typed: string) {
    if (this.#step.kind !== 'changedKey') return;
    const fingerprint = this.#step.changed.shownFingerprint;
    this.send({ kind: 'dialogClosed' });
    this.#go(this.connect({ kind: 'replace', fingerprint, typed }));
  }

  answerPrompt(text: string | null) {
    const prompt = this.#prompt;
    this.#prompt = null;
    if (prompt) this.#go(this.#backend.answer(prompt.id, text));
  }

  async #connectWith(ask: () => Promise<ConnectReply>) {
    this.#connecting = words.connect.connecting;
    this.form.failure = null;
    try {
      await this.#guard(async () => this.#connected(await ask()));
    } finally {
      this.#connecting = null;
      this.#prompt = null;
      this.#stopping = false;
    }
  }

  #connectStep(step: ConnectStep) {
    switch (step.kind) {
      case 'reaching':
        this.#connecting = words.connect.reaching(step.host);
        break;
      case 'prompt':
        this.#prompt = step;
        break;
    }
  }

  #connected(reply: ConnectReply) {
    switch (reply.kind) {
      case 'connected':
        this.form.forget();
        this.#resumed = null;
        this.#server = reply.server;
        this.#off = [];
        this.#kept = [];
        this.#summary = null;
        if (isOutside(this.#step)) this.#step = next(this.#step, { kind: 'lookFirst' });
        this.send({ kind: 'connected' });
        this.#go(this.#step.kind === 'fit' ? this.#loadFit() : this.#check());
        break;
      case 'firstContact':
        this.send({ kind: 'firstContact', contact: reply });
        break;
      case 'changedKey':
        this.send({ kind: 'changedKey', changed: reply });
        break;
      case 'refused':
        // Who stopped needs no explanation.
        if (this.#stopping) {
          this.send({ kind: 'notConnected' });
          break;
        }
        this.form.refuse(reply.failure);
        // A server that cannot be reached gets a screen of its own; what a field caused is said beside it.
        if (reply.failure.field === '' && ['network', 'port', 'ssh'].includes(reply.failure.reached)) {
          this.send({ kind: 'unreachable', failure: reply.failure });
        } else this.send({ kind: 'notConnected' });
        break;
    }
  }

  async #loadFit() {
    if (!this.#server) return;
    this.#fit = this.check.checked?.fit ?? this.#summary?.fit ?? null;
    this.#fit = await this.#backend.fit(this.#server.session);
  }

  pickFit(role: string) {
    this.#fitRole = role;
  }

  goWithFit() {
    if (this.#fitRole === null || !this.choice.take(this.#fitRole)) return;
    this.send({ kind: 'roleChosen' });
    this.#go(Promise.all([this.#loadNeeds(), this.#check()]));
  }

  // ---- checking

  checkAgain() {
    this.send({ kind: 'checkAgain' });
    this.#go(this.#check());
  }

  async #check() {
    const role = this.choice.id;
    if (!this.#server || role === null || this.#step.kind !== 'checking') return;
    this.check.start(this.#now());
    this.#stopping = false;
    if (this.choice.setup !== '') await this.#backend.joinSetup(this.#server.session, this.choice.setup);
    const reply = await this.#backend
      .check(this.#server.session, role, (step) => this.check.take(step))
      .catch((error: unknown) => {
        this.check.end(null);
        throw error;
      });
    this.#stopping = false;
    if (reply.kind === 'refused') {
      this.check.end(null);
      this.send({ kind: 'checked' });
      this.#failure = reply.failure;
      return;
    }
    this.check.end(reply);
    this.#off = reply.plan.changes.filter((c) => c.advisedOff !== null).map((c) => c.id);
    this.#fit = reply.fit;
    const hidden = reply.kind === 'checked' ? reply.hidden : 0;
    this.send(hidden > 0 ? { kind: 'sudoAsked', hidden } : { kind: 'checked' });
    if (hidden === 0) this.#go(this.#lookForRuns(this.#server.session));
  }

  /** A run that waits for an answer, from this computer or another, is asked about before anything else is begun. */
  async #lookForRuns(session: string) {
    await this.past.readRuns(session);
    const { open } = this.past;
    if (open) this.send({ kind: 'openRunFound', run: open });
  }

  /** What could be measured here; nothing where a file stands for the server. */
  async #loadMeasurable() {
    if (this.#server) this.measuring.offer(await this.#backend.measurable(this.#server.session));
  }

  /** Measures what is chosen; the answers are judged with the rest. */
  async measure() {
    const server = this.#server;
    const what = this.measuring.chosen;
    if (!server || what.length === 0) return;
    this.send({ kind: 'measureStarted' });
    this.#stopping = false;
    this.measuring.start();
    await this.#guard(async () => {
      const reply = await this.#backend
        .measure(server.session, what, (step) => this.measuring.take(step))
        .finally(() => this.measuring.end());
      this.send({ kind: 'measured' });
      if (reply.kind === 'refused') this.#failure = reply.failure;
      else this.check.end(reply);
    });
    this.#stopping = false;
  }

  async giveSudo(password: string, remember: boolean) {
    if (!this.#server) return;
    const session = this.#server.session;
    await this.#guard(async () => {
      this.#sudoError = await this.#backend.giveSudo(session, password, remember);
      if (this.#sudoError === null) this.checkAgain();
    });
  }

  skipSudo() {
    this.#sudoError = null;
    this.send({ kind: 'dialogClosed' });
  }

  /** Stops whatever runs; what was read or remembered stays. */
  stop() {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#go(this.#backend.cancel());
  }

  // ---- changing

  seeChange(id: string) {
    this.#seen = id;
    this.send({ kind: 'seeChanges' });
  }

  seeChanges() {
    this.#seen = null;
    this.send({ kind: 'seeChanges' });
  }

  switchChange(id: string, on: boolean) {
    this.#off = on ? this.#off.filter((o) => o !== id) : [...this.#off, id];
  }

  apply() {
    const server = this.#server;
    const on = this.on;
    if (!server || on.length === 0) return;
    this.send({ kind: 'apply' });
    this.#go(this.#runWith('apply', on, (take) => this.#backend.apply(server.session, on, take)));
  }

  /** The run that can be taken back: the one of this walk, else the newest that the server remembers. */
  get undoable(): { run: string; at: string; changes: PastRun['changes'] } | null {
    const run = this.#summary?.run ?? null;
    if (run === null) return this.past.kept;
    const changes = (this.check.checked?.plan.changes ?? []).filter((c) => this.#kept.includes(c.id));
    return { run, at: '', changes: changes.length > 0 ? changes : (this.past.run(run)?.changes ?? []) };
  }

  undo(answers: UndoAnswers = { leave: [], overwrite: [] }) {
    const server = this.#server;
    const run = this.#step.kind === 'edited' ? this.#step.run : this.undoable?.run;
    if (!server || !run) return;
    this.send({ kind: 'undo' });
    this.#go(this.#runWith('undo', [], (take) => this.#backend.undo(server.session, run, answers, take)));
  }

  takeUp() {
    const server = this.#server;
    if (!server || this.#step.kind !== 'openRun') return;
    const { run, undoes, changes } = this.#step.run;
    this.send({ kind: 'takeUp' });
    const ids = changes.map((change) => change.id);
    this.#go(this.#runWith(undoes ? 'undo' : 'apply', ids, (take) => this.#backend.takeUp(server.session, run, take)));
  }

  async #runWith(way: Way, changes: string[], start: (take: (step: ApplyStep) => void) => Promise<ApplyReply>) {
    this.run.start();
    this.#over = false;
    this.#stopping = false;
    const reply = await start((step) => {
      this.run.take(step, this.#now());
      if (step.kind === 'heard') this.send({ kind: step.seconds >= silentAfter ? 'silence' : 'heard' });
      if (step.kind === 'prompt') this.#prompt = step;
    });
    this.#stopping = false;
    if (reply.kind === 'keep')
      this.#pending = way === 'apply' ? changes.filter((id) => !reply.failed.includes(id)) : [];
    this.#ran(reply);
  }

  /** Where a run, or more time for it, has led. */
  #ran(reply: ApplyReply) {
    switch (reply.kind) {
      case 'keep':
        this.send({ kind: 'keepAsked', ask: reply });
        break;
      case 'putBack':
        this.#afterPutBack(reply.summary, reply.why);
        break;
      case 'edited':
        this.send({ kind: 'editedFound', run: reply.run, places: reply.places });
        break;
      case 'refused':
        // While asking, the question stays: the timer on the server still runs.
        if (this.#step.kind !== 'keep') this.send({ kind: 'runRefused' });
        this.#failure = reply.failure;
        break;
    }
  }

  /** Whether the time to answer is over. */
  #over = false;

  /** What will have been kept, once the person says so. */
  #pending: string[] = [];

  keep() {
    this.#decide((session) => this.#backend.keep(session));
  }

  putBack() {
    this.#decide((session) => this.#backend.putBack(session));
  }

  /** Nobody answered in time: the server puts everything back by itself, and we ask it how that went. */
  timeUp() {
    this.#over = true;
    this.#decide((session) => this.#backend.putBack(session));
  }

  async moreTime() {
    const server = this.#server;
    if (!server || this.#deciding) return;
    await this.#guard(async () => this.#ran(await this.#backend.moreTime(server.session)));
  }

  #decide(ask: (session: string) => Promise<ApplyOutcome>) {
    const server = this.#server;
    if (!server || this.#deciding || !isRunning(this.#step)) return;
    this.#deciding = true;
    this.#go(
      ask(server.session)
        .then((outcome) => {
          switch (outcome.kind) {
            case 'kept':
              this.#kept = this.#pending;
              this.#summary = outcome.summary;
              this.check.replace(outcome.summary.findings);
              this.send({ kind: 'kept' });
              this.#go(this.past.readRuns(server.session));
              break;
            case 'putBack':
              this.#afterPutBack(outcome.summary, outcome.why);
              break;
            case 'refused':
              // The question is over, so nothing is left to answer on this screen.
              if (this.#over) this.send({ kind: 'runRefused' });
              this.#failure = outcome.failure;
              break;
          }
        })
        .finally(() => (this.#deciding = false)),
    );
  }

  #afterPutBack(summary: Summary, why: string) {
    this.#pending = [];
    this.#summary = summary;
    this.check.replace(summary.findings);
    this.send({ kind: 'putBack', why });
  }

  // ---- the result

  async seeSummary() {
    const server = this.#server;
    if (!server) return;
    await this.#guard(async () => {
      this.#summary = await this.#backend.summary(server.session);
      this.send({ kind: 'seeSummary' });
    });
  }

  savePdf() {
    this.#save((session) => this.#backend.savePdf(session));
  }
  saveJson() {
    this.#save((session) => this.#backend.saveJson(session));
  }
  saveScript(changes: string[]) {
    this.#save((session) => this.#backend.saveScript(session, changes));
  }

  saveSetupReport(setup: string) {
    this.#saveAs(() => this.#backend.saveSetupReport(setup));
  }

  #save(ask: (session: string) => Promise<Saved>) {
    const server = this.#server;
    if (server) this.#saveAs(() => ask(server.session));
  }

  #saveAs(ask: () => Promise<Saved>) {
    this.#failure = null;
    this.#notice = words.summary.saving;
    this.#go(
      ask()
        .then((saved) => {
          this.#notice = saved.kind === 'to' ? words.summary.saved(saved.path) : '';
          if (saved.kind === 'refused') this.#failure = saved.failure;
        })
        .catch((error: unknown) => {
          this.#notice = '';
          throw error;
        }),
    );
  }

  async giveWord(answers: Record<string, string>, name: string) {
    const server = this.#server;
    if (!server) return;
    await this.#guard(async () => {
      for (const [id, answer] of Object.entries(answers))
        await this.#backend.answerQuestion(server.session, id, answer, name);
      this.#summary = await this.#backend.summary(server.session);
      this.send({ kind: 'dialogClosed' });
    });
  }

  async details(): Promise<string> {
    return this.#server ? this.#backend.copyDetails(this.#server.session) : '';
  }

  async saveDiagnostics(names: boolean) {
    await this.#guard(async () => {
      const saved = await this.#backend.saveDiagnostics(names);
      this.#notice = saved.kind === 'to' ? words.summary.saved(saved.path) : '';
      if (saved.kind === 'refused') this.#failure = saved.failure;
    });
  }

  openFolder() {
    this.#go(this.#backend.openDataFolder());
  }

  openLogs() {
    this.#go(this.#backend.openLogFolder());
  }

  changeSettings(to: Partial<Settings>) {
    this.#settings = { ...this.#settings, ...to };
    this.#go(this.#backend.setSettings(this.#settings));
  }

  // ---- the rail

  to(mark: Mark) {
    const before = this.#step;
    this.send({ kind: 'to', mark });
    if (this.#step.kind === 'checking' && before.kind !== 'checking') this.#go(this.#check());
  }

  back() {
    const before = this.#step;
    this.send({ kind: 'back' });
    if (this.#step.kind === 'checking' && before.kind !== 'checking') this.#go(this.#check());
  }

  // ---- remembering the place

  #remember() {
    const { form, choice } = this;
    const order = isOutside(this.#step) ? 'roleFirst' : this.#step.order;
    const place = placeOf(markOf(this.#step), order, choice, form);
    this.#go(this.#backend.savePlace(JSON.stringify(place)));
  }

  /** Back to where the person was; a connection does not outlive the window, so at most to the connect screen. */
  #restore(text: string | null) {
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
    this.#resumed = place.mark;
  }

  // ---- errors

  dismiss() {
    this.#failure = null;
  }

  /** The answer, or what stands in for it when there is none; the failure is shown. */
  async #else<T>(answer: Promise<T>, instead: T): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (!isFailure(error)) throw error;
      this.#failure = error;
      return instead;
    }
  }

  #go(work: Promise<unknown>) {
    void this.#guard(() => work);
  }

  async #guard(work: () => Promise<unknown>) {
    try {
      await work();
    } catch (error) {
      if (isFailure(error) && this.#ready) this.#failure = error;
      else if (isFailure(error)) this.#trouble = [error.happened, error.next, error.details].join(' ');
      else this.#trouble = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
  }
}
