/** Choosing a role and reaching a server: the part of the walk that ends with a connection. */
import type {
  ConnectReply,
  ConnectStep,
  Offer,
  RequirementsOpened,
  RoleNeeds,
  SavedServer,
  Trust,
} from '../ipc/bindings';
import { words } from '../words/en';
import { checkAll } from './recheck';
import { isOutside, isRunning, next } from './step';
import { Ground } from './ground.svelte';

export abstract class Reaching extends Ground {
  /** Looks at the server that was reached. */
  protected abstract look(): Promise<void>;

  chooseProduct(id: string) {
    this.choice.chooseProduct(id);
    this.send({ kind: 'productChosen' });
  }

  protected offer(offer: Offer) {
    this.choice.offer(offer.products);
    this.files = offer.files;
  }

  openRequirements() {
    this.takeRequirements(this.backend.openRequirements());
  }

  forgetRequirements(name: string) {
    this.go(this.backend.forgetRequirements(name).then((offer) => this.offer(offer)));
  }

  protected takeRequirements(asked: Promise<RequirementsOpened>) {
    this.notice = '';
    this.refused = null;
    this.go(
      asked.then((opened) => {
        if (opened.kind === 'notChosen') return;
        // Dropped on another place outside a walk, it leads to where it is chosen from.
        if (isOutside(this.step)) this.send({ kind: 'setUp' });
        if (opened.kind === 'refused') this.refused = opened;
        else {
          this.offer(opened.offer);
          this.notice = words.product.opened(opened.name);
        }
      }),
    );
  }

  /** A file that was dropped on the window: requirements, else a reading. */
  drop(file: File) {
    if (!file.name.endsWith('.toml')) this.dropFacts(file);
    else if (isOutside(this.step) || this.step.kind === 'product' || this.step.kind === 'role')
      this.takeRequirements(file.text().then((text) => this.backend.dropRequirements(file.name, text)));
  }

  chooseRole(id: string) {
    this.choice.chooseRole(id);
    this.go(this.loadNeeds());
  }

  setScale(value: number) {
    this.choice.setScale(value);
    this.go(this.loadNeeds());
  }

  chooseOption(id: string, value: string) {
    this.choice.chooseOption(id, value);
    this.go(this.loadNeeds());
  }

  protected async loadNeeds() {
    const id = this.choice.id;
    if (id === null) return;
    const needs = await this.backend.roleNeeds(id);
    // While dragging, answers overtake one another: only the one that was asked last counts.
    if (this.choice.id === id) this.needs = needs;
  }

  needsOf(role: string): Promise<RoleNeeds> {
    return this.backend.roleNeeds(role);
  }

  // ---- servers

  openServer(server: SavedServer) {
    if (!this.choice.take(server.role)) {
      // The file that brought its role was forgotten here.
      const [happened, next] = words.home.roleGone(server.name, server.role);
      const nothing = { code: 'bad_role', safe: '', field: '', reached: '', remedies: [], details: '' };
      this.failure = { ...nothing, happened, next };
      return;
    }
    this.form.takeSaved(server);
    this.choice.setup = server.setup;
    this.send({ kind: 'serverOpened' });
    this.go(this.connect());
  }

  async checkAll() {
    if (this.checkingAll) return;
    this.checkingAll = true;
    this.stopping = false;
    await this.guard(async () => {
      const said = await checkAll(
        this.backend,
        this.servers,
        (notice) => (this.notice = notice),
        () => this.stopping || this.step.kind !== 'home',
      );
      await this.loadServers();
      if (this.step.kind === 'home') this.notice = said;
    });
    this.checkingAll = false;
    this.stopping = false;
  }

  forgetServer(server: SavedServer) {
    this.go(this.backend.forgetServer(server.id).then(() => this.loadServers()));
  }

  protected async loadServers() {
    this.servers = await this.backend.savedServers();
  }

  protected async loadDefaults() {
    const [defaults, servers] = await Promise.all([this.backend.connectDefaults(), this.backend.savedServers()]);
    this.defaults = defaults;
    this.servers = servers;
    this.form.fill(defaults);
  }

  pickKey() {
    this.go(
      this.backend.pickKeyFile().then(async (path) => {
        if (path === null) return;
        this.form.keyPath = path;
        await this.inspect(path);
      }),
    );
  }

  inspectKey(path: string) {
    if (path.trim() !== '') this.go(this.inspect(path.trim()));
  }

  protected async inspect(path: string) {
    const key = await this.backend.inspectKey(path);
    if (this.form.keyPath.trim() !== path) return;
    this.form.key = key;
    if (key.problem !== null) this.form.errors = { ...this.form.errors, keyFile: key.problem };
    else if (this.form.errors.keyFile !== undefined) this.form.errors = {};
  }

  async connect(trust: Trust = { kind: 'knownOnly' }) {
    if (this.connecting !== null) return;
    if (this.form.where === 'local') {
      await this.connectWith(() => this.backend.thisComputer((s) => this.connectStep(s)));
      return;
    }
    if (!this.form.complete()) return;
    await this.connectWith(() => this.backend.connect(this.form.ask(trust), (s) => this.connectStep(s)));
  }

  openFacts() {
    this.go(this.connectWith(() => this.backend.openFacts()));
  }

  /** A reading that was dropped on the window. While a server is at hand or being changed, a drop means nothing; where
   * readings stand for one, the newer ones take their place. */
  dropFacts(file: File) {
    const atHand = this.server !== null && !this.server.carried;
    if (atHand || this.connecting !== null || isRunning(this.step)) return;
    this.go(file.text().then((text) => this.connectWith(() => this.backend.dropFacts(file.name, text))));
  }

  practice() {
    this.go(this.connectWith(() => this.backend.practice()));
  }

  acceptFirst(compared: boolean) {
    if (this.step.kind !== 'firstContact') return;
    const { fingerprint } = this.step.contact;
    this.send({ kind: 'dialogClosed' });
    this.go(this.connect({ kind: 'first', fingerprint, compared }));
  }

  replaceKey(typed: string) {
    if (this.step.kind !== 'changedKey') return;
    const fingerprint = this.step.changed.shownFingerprint;
    this.send({ kind: 'dialogClosed' });
    this.go(this.connect({ kind: 'replace', fingerprint, typed }));
  }

  answerPrompt(text: string | null) {
    const prompt = this.prompt;
    this.prompt = null;
    if (prompt) this.go(this.backend.answer(prompt.id, text));
  }

  protected async connectWith(ask: () => Promise<ConnectReply>) {
    this.connecting = words.connect.connecting;
    this.form.failure = null;
    try {
      await this.guard(async () => this.connected(await ask()));
    } finally {
      this.connecting = null;
      this.prompt = null;
      this.stopping = false;
    }
  }

  protected connectStep(step: ConnectStep) {
    switch (step.kind) {
      case 'reaching':
        this.connecting = words.connect.reaching(step.host);
        break;
      case 'prompt':
        this.prompt = step;
        break;
    }
  }

  protected connected(reply: ConnectReply) {
    switch (reply.kind) {
      case 'connected':
        this.form.forget();
        this.stood = null;
        this.server = reply.server;
        this.off = [];
        this.kept = [];
        this.summary = null;
        if (isOutside(this.step)) this.step = next(this.step, { kind: 'lookFirst' });
        this.send({ kind: 'connected' });
        if (reply.server.carried) this.send({ kind: 'checkAgain' });
        this.go(this.step.kind === 'fit' ? this.loadFit() : this.look());
        break;
      case 'firstContact':
        this.send({ kind: 'firstContact', contact: reply });
        break;
      case 'changedKey':
        this.send({ kind: 'changedKey', changed: reply });
        break;
      case 'refused':
        // Who stopped needs no explanation.
        if (this.stopping) {
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

  protected async loadFit() {
    if (!this.server) return;
    this.fit = this.check.checked?.fit ?? this.summary?.fit ?? null;
    this.fit = await this.backend.fit(this.server.session);
  }

  pickFit(role: string) {
    this.fitRole = role;
  }

  goWithFit() {
    if (this.fitRole === null || !this.choice.take(this.fitRole)) return;
    this.send({ kind: 'roleChosen' });
    this.go(Promise.all([this.loadNeeds(), this.look()]));
  }
}
