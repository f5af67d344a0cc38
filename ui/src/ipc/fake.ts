/**
 * A backend that plays recorded data, so that the whole window runs in a plain browser: for tests, for pictures and for work on the screens.
 * Development only; the built app does not contain it. What happens is set by the address: `?fake&connect=changed&hold=11`.
 */
import type {
  About,
  ApplyOutcome,
  ApplyReply,
  ApplyStep,
  CheckReply,
  Compared,
  ConnectReply,
  Failure,
  Finding,
  KeepAsk,
  Offer,
  RequirementsFile,
  RequirementsOpened,
  Saved,
  SavedServer,
  Settings,
  SetupOpened,
  Summary,
} from './bindings';
import type { Backend, On } from './backend';
import * as chat from './recorded/chat01';
import { badRequirements, products, roleNeeds, wiki } from './recorded/roles';

export type Script = {
  /** Milliseconds between two steps of a stream. */
  pace: number;
  home: 'full' | 'empty' | 'setup';
  connect: 'ok' | 'first' | 'changed' | 'password' | 'unreachable' | 'prompt' | 'noname';
  keychain: 'ready' | 'none' | 'locked';
  /** Stop streaming findings after so many, and wait. */
  hold: number | null;
  /** Whether a check that is stopped had heard nothing for long. */
  unheard: boolean;
  /** Stop measuring after so many steps, and wait. */
  measure: number | null;
  /** Needs that only an administrator can read, until a password was given. */
  hidden: number;
  sudo: 'right' | 'wrong';
  apply: 'ok' | 'hang' | 'lost' | 'putBack' | 'unproved' | 'oneFails' | 'refused';
  /** Seconds left to decide. */
  left: number;
  log: boolean;
  /** An earlier run on the server: one that waits, or one that is kept. */
  runs: 'none' | 'open' | 'kept';
  /** Somebody edited a place since, which an undo asks about. */
  edited: boolean;
  explain: boolean;
  /** So many findings, to see whether the window keeps up. */
  many: number;
};

export const plain: Script = {
  pace: 60,
  home: 'empty',
  connect: 'first',
  keychain: 'ready',
  hold: null,
  unheard: false,
  measure: null,
  hidden: 0,
  sudo: 'right',
  apply: 'ok',
  left: 120,
  log: false,
  runs: 'none',
  edited: false,
  explain: false,
  many: 0,
};

/** Reads the script out of an address such as `?fake&connect=changed`. */
export function scriptOf(search: string): Script {
  const asked = new URLSearchParams(search);
  const text = <T extends string>(name: string, fallback: T): T => (asked.get(name) as T | null) ?? fallback;
  const number = (name: string, fallback: number): number => (asked.has(name) ? Number(asked.get(name)) : fallback);
  return {
    pace: number('pace', plain.pace),
    home: text('home', plain.home),
    connect: text('connect', plain.connect),
    keychain: text('keychain', plain.keychain),
    hold: asked.has('hold') ? Number(asked.get('hold')) : null,
    unheard: asked.has('unheard'),
    measure: asked.has('measure') ? Number(asked.get('measure')) : null,
    hidden: number('hidden', 0),
    sudo: text('sudo', plain.sudo),
    apply: text('apply', plain.apply),
    left: number('left', plain.left),
    log: asked.has('log'),
    runs: text('runs', plain.runs),
    edited: asked.has('edited'),
    explain: asked.has('explain'),
    many: number('many', 0),
  };
}

const server = {
  session: 's1',
  name: 'chat-01',
  signIn: 'deploy@203.0.113.24',
  roundTripMs: 24,
  notes: [],
  practice: false,
  carried: false,
};
const fingerprint = 'SHA256:dDZdGu7qFJaBUmrF7vvccawqNnecW9OeKD8LOhuaQ9o';

const refused = (more: Partial<Failure>): { kind: 'refused'; failure: Failure } => ({
  kind: 'refused',
  failure: {
    code: 'refused',
    happened: '',
    safe: 'Nothing was read or changed.',
    next: '',
    field: '',
    reached: '',
    remedies: [],
    details: 'refused: recorded for the tests of the window',
    ...more,
  },
});

export const wrongPassword = refused({
  code: 'password_refused',
  happened: 'chat-01 did not accept this password for deploy.',
  next: 'Check the user name too. Some servers block an address after a few wrong tries; this was your first.',
  field: 'password',
  reached: 'sign_in',
});

export const unreachable = refused({
  code: 'no-answer',
  happened: 'chat-01 does not answer. We got as far as its address.',
  safe: 'No password or key was sent.',
  next: '',
  reached: 'network',
  remedies: [
    'Is it switched on? Look in your provider’s console. A server that was just created can take a minute.',
    'Is the port right? Some servers use another port for SSH, such as 2222.',
    'Does a firewall let you in? The provider may have a firewall of its own. It must allow 22/tcp from 198.51.100.77, your address.',
    'Do you need a VPN or a jump host? Then connect the VPN first, or add the jump host under More.',
  ],
});

const noName = refused({
  code: 'no_such_name',
  happened: 'No server is called chat-0l.',
  next: 'Check the spelling, or enter the address in numbers.',
  field: 'address',
  reached: 'name',
});

const saved: SavedServer[] = [
  row(
    'archive-2',
    '198.51.100.30',
    'dusk/archiver',
    'Dusk, Archiver, 8 cores, 250 GB',
    'changed',
    'Changed since last check',
    'Free disk went from 310 to 228 GB',
    '3 days ago',
  ),
  row(
    'mesh-porto',
    '192.0.2.18',
    'statemesh/node-minimum',
    'StateMesh, Node operator, Minimum',
    'to_fix',
    '2 things to fix',
    'Kernel 5.10, and containerd is missing',
    'Yesterday',
  ),
  row(
    'mesh-lisbon',
    '192.0.2.41',
    'statemesh/node-recommended',
    'StateMesh, Node operator, Recommended',
    'not_checked',
    'Not checked for 34 days',
    'It was ready on 17 October',
    '17 Oct',
  ),
  row(
    'prover-1',
    '198.51.100.7',
    'dusk/prover?workers=6',
    'Dusk, Prover, 6 workers',
    'ready',
    'Ready',
    'All 19 needs met',
    'Today, 09:12',
  ),
];

function row(
  name: string,
  address: string,
  role: string,
  roleTitle: string,
  state: string,
  status: string,
  reason: string,
  lastCheck: string,
  setup = '',
): SavedServer {
  return {
    id: name,
    name,
    address,
    user: 'deploy',
    port: 22,
    role,
    roleTitle,
    state,
    status,
    reason,
    lastCheck,
    setup,
  };
}

/** A setup of three servers, and one that stands alone. */
const setup: SavedServer[] = [
  row(
    'app-1',
    '203.0.113.31',
    'reforms/large',
    'Reforms Messenger, Large, app server',
    'ready',
    'Ready',
    'All 38 needs met',
    'Today, 09:12',
    'Reforms, Large',
  ),
  row(
    'db-1',
    '203.0.113.32',
    'reforms/large-database',
    'Reforms Messenger, Large, database',
    'to_fix',
    '2 things to fix',
    'PostgreSQL 14, and one disk is slow',
    'Today, 09:14',
    'Reforms, Large',
  ),
  row(
    'lb-1',
    '203.0.113.33',
    'reforms/large-balancer',
    'Reforms Messenger, Large, load balancer',
    'ready',
    'Ready',
    'All 21 needs met',
    'Today, 09:15',
    'Reforms, Large',
  ),
  row(
    'prover-1',
    '198.51.100.7',
    'dusk/prover?workers=6',
    'Dusk, Prover, 6 workers',
    'changed',
    'Changed since last check',
    'Free disk went from 310 to 228 GB',
    'Today, 09:12',
  ),
];

const check = (id: string, at: string, verdict: string, met: number, toFix: number, changed: string[]) => ({
  id,
  at,
  roleTitle: 'Dusk, Archiver',
  verdict,
  met,
  toFix,
  unsure: 1,
  changed,
});
const history = [
  check('3', '18 November 2026, 09:12', 'almost', 17, 1, [
    'Free disk went from 310 GB to 228 GB',
    'Kernel went from 6.1.0-26 to 6.1.0-28',
  ]),
  check('2', '20 October 2026, 18:40', 'ready', 18, 0, []),
  check('1', '17 September 2026, 11:03', 'not_ready', 14, 4, []),
];
const compared: Compared = {
  before: '20 October 2026, 18:40',
  now: '18 November 2026, 09:12',
  drifts: (history[0]?.changed ?? []).map((sentence) => ({ sentence, before: '', now: '' })),
  needs: [
    {
      id: 'disk',
      title: 'Free disk',
      area: 'storage',
      before: 'met',
      now: 'short',
      foundBefore: '310 GB',
      foundNow: '228 GB',
    },
  ],
  same: 18,
  onlyOne: 0,
};

const place = (state: string, text: string) => ({ state, text });

/** The recorded rows, or so many like them. */
function many(count: number): Pick<typeof chat, 'rows' | 'findings'> {
  if (count === 0) return chat;
  const grown = <T extends { id: string }>(rows: T[]) =>
    Array.from({ length: count }, (_, i) => ({ ...(rows[i % rows.length] as T), id: `many.${i}` }));
  return { rows: grown(chat.rows), findings: grown(chat.findings) };
}

export class Fake implements Backend {
  #script: Script;
  #stopped = false;
  #sudo = false;
  #kept = false;
  #place: string | null = null;
  #servers: SavedServer[];
  #answered: ((text: string | null) => void) | null = null;
  #settings: Settings;

  constructor(script: Partial<Script> = {}) {
    this.#script = { ...plain, ...script };
    this.#servers = { full: [...saved], setup: [...setup], empty: [] }[this.#script.home];
    this.#settings = {
      theme: 'system',
      safetyMinutes: 2,
      shortcuts: true,
      explain: this.#script.explain,
      logOpen: this.#script.log,
    };
  }

  #files: RequirementsFile[] = [];
  #offer = (): Offer => ({ products: this.#files.length > 0 ? [...products, wiki] : products, files: this.#files });
  products = async () => this.#offer();
  openRequirements = async () => this.dropRequirements('wiki.toml', '');
  dropRequirements = async (name: string, text: string): Promise<RequirementsOpened> => {
    if (text.includes('tittle')) return { kind: 'refused', ...badRequirements(name) };
    this.#files = [{ name, title: wiki.title, adds: false, roles: 1, needs: 14, changes: 3, problems: [] }];
    return { kind: 'opened', name, offer: this.#offer() };
  };
  forgetRequirements = async () => {
    this.#files = [];
    return this.#offer();
  };
  roleNeeds = async (role: string) => roleNeeds(role);

  connectDefaults: Backend['connectDefaults'] = async () => ({
    user: 'deploy',
    agent: { kind: 'empty' },
    keyFiles: [{ path: '~/.ssh/id_ed25519', keyType: 'Ed25519', locked: true, problem: null }],
    keychain:
      this.#script.keychain === 'ready' ? { kind: 'ready', name: 'Secret Service' } : { kind: this.#script.keychain },
    sshConfig: [
      { name: 'chat-01', host: '203.0.113.24', port: 22, user: 'deploy', keyFile: '~/.ssh/id_ed25519', jump: null },
      { name: 'chat-staging', host: '203.0.113.9', port: 22, user: 'root', keyFile: null, jump: 'bastion' },
    ],
    sshConfigUnread: [],
    thisComputer: {
      name: 'rack-3',
      system: 'Debian 12, kernel 6.1',
      cores: 4,
      memory: '8 GB',
      disk: '80 GB',
      checkable: true,
    },
  });

  inspectKey: Backend['inspectKey'] = async (path) => ({
    path,
    keyType: 'Ed25519',
    locked: !path.includes('open'),
    problem: path.endsWith('.ppk') ? 'This is a PuTTY key. Export it as an OpenSSH key first.' : null,
  });

  pickKeyFile = async () => '~/.ssh/id_open';

  connect: Backend['connect'] = async (ask, on) => {
    this.#stopped = false;
    on({ kind: 'reaching', host: ask.address });
    await this.#tick();
    if (this.#script.connect === 'unreachable') return unreachable;
    if (this.#script.connect === 'noname') return noName;
    if (this.#script.connect === 'changed' && ask.trust.kind !== 'replace') {
      return {
        kind: 'changedKey',
        host: '203.0.113.24',
        name: 'chat-01',
        knownFingerprint: fingerprint,
        knownType: 'Ed25519',
        knownSince: '12 March 2026',
        shownFingerprint: 'SHA256:bT2qc28XnFdajcAtPPEWhggdgz84JpCHdMwHo4zv374',
        shownType: 'Ed25519',
      };
    }
    if (this.#script.connect !== 'ok' && this.#script.connect !== 'changed' && ask.trust.kind === 'knownOnly') {
      return {
        kind: 'firstContact',
        host: 'chat-01',
        port: 22,
        fingerprint,
        keyType: 'Ed25519',
        askAt: 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
      };
    }
    if (this.#script.connect === 'prompt') {
      on({ kind: 'prompt', id: 1, text: 'Verification code:', echo: true });
      const text = await new Promise<string | null>((done) => (this.#answered = done));
      if (text === null) return refused({ happened: 'You did not answer chat-01.', field: '' });
    }
    if (this.#script.connect === 'password' && ask.signIn.kind === 'password') return wrongPassword;
    if (this.#stopped) return refused({ happened: 'You stopped connecting.' });
    return this.#connected();
  };

  #connected(name = 'chat-01', signIn = server.signIn): ConnectReply {
    return { kind: 'connected', server: { ...server, name, signIn } };
  }

  #carried(name: string): ConnectReply {
    return {
      kind: 'connected',
      server: { ...server, name, signIn: 'read from a file', roundTripMs: null, carried: true },
    };
  }

  thisComputer = async () => this.#connected('rack-3', 'this computer');
  openFacts = async () => this.#carried('chat-01');
  dropFacts = async (name: string, _text: string) => this.#carried(name.replace(/\.[^.]*$/, ''));
  practice = async (): Promise<ConnectReply> => ({
    kind: 'connected',
    server: { ...server, name: 'practice-01', signIn: 'a recorded server', practice: true },
  });

  answer = async (_id: number, text: string | null) => {
    this.#answered?.(text);
  };

  cancel = async () => {
    this.#stopped = true;
    this.#answered?.(null);
  };

  check: Backend['check'] = async (_session, _role, on): Promise<CheckReply> => {
    this.#stopped = false;
    const hidden = this.#sudo ? 0 : this.#script.hidden;
    const { rows, findings } = many(this.#script.many);
    on({ kind: 'rows', rows });
    const found: Finding[] = [];
    for (const finding of findings) {
      on({ kind: 'reading', what: finding.title, done: found.length, total: findings.length });
      if (found.length === this.#script.hold) await this.#stop();
      await this.#tick();
      if (this.#stopped)
        return {
          kind: 'stopped',
          ...chat.checked(0),
          title: 'Stopped after a part of the check',
          unheard: this.#script.unheard,
          findings: found,
          counts: chat.count(found),
        };
      found.push(finding);
      on({ kind: 'found', finding });
    }
    const checked = chat.checked(hidden);
    return { kind: 'checked', ...checked, ...(this.#script.many > 0 ? { findings } : {}) };
  };

  measurable: Backend['measurable'] = async () => chat.measurable;

  measure: Backend['measure'] = async (_session, what, _storage, on) => {
    this.#stopped = false;
    for (const [count, step] of chat.measured.filter((one) => what.includes(one.id)).entries()) {
      on(step);
      if (count === this.#script.measure) await this.#stop();
      await this.#tick();
      if (this.#stopped) return { kind: 'stopped', ...chat.checked(0) };
    }
    return { kind: 'measured', ...chat.checked(0) };
  };

  giveSudo = async () => {
    if (this.#script.sudo === 'wrong') {
      return refused({ happened: 'chat-01 did not accept this password for sudo.', field: 'password' }).failure;
    }
    this.#sudo = true;
    return null;
  };

  fit = async () => chat.fit;

  apply: Backend['apply'] = (_session, changes, on) => this.#run(chat.runSteps(changes, false), on);
  undo: Backend['undo'] = async (_session, run, answers, on) => {
    if (this.#script.edited && answers.leave.length + answers.overwrite.length === 0) {
      const path = '/etc/sysctl.d/zz-plumbline.conf';
      const before = place('nothing there', '');
      const ours = place('a file of 2 lines', 'net.core.rmem_max = 134217728\nnet.core.wmem_max = 134217728\n');
      const now = place('a file of 2 lines', 'net.core.rmem_max = 268435456\nnet.core.wmem_max = 134217728\n');
      return {
        kind: 'edited',
        run,
        places: [
          { act: 1, target: path, before, ours, now },
          {
            act: 2,
            target: 'net.core.rmem_max',
            before: place('212992', ''),
            ours: place('134217728', ''),
            now: place('268435456', ''),
          },
        ],
      };
    }
    return this.#run(chat.runSteps([], true), on);
  };
  pastRuns: Backend['pastRuns'] = async () =>
    this.#script.runs === 'none'
      ? []
      : [
          {
            run: '20261118-091500-a1b2c3',
            state: this.#script.runs,
            at: '18 November 2026, 09:15',
            roleTitle: 'Reforms Messenger, Small team',
            undoes: false,
            changes: chat.checked(0).plan.changes.slice(0, 2),
            secondsLeft: this.#script.runs === 'open' ? 84 : null,
            undoCosts: 6,
          },
        ];
  takeUp: Backend['takeUp'] = async () => ({ kind: 'keep', ...this.#ask() });
  joinSetup = async () => undefined;

  async #run(steps: { id: string; title: string; note: string }[], on: On<ApplyStep>): Promise<ApplyReply> {
    this.#stopped = false;
    if (this.#script.apply === 'refused') {
      return refused({
        happened: 'Another Plumbline is changing chat-01.',
        safe: 'Nothing was changed.',
        next: 'Wait until it has ended, then apply again.',
      });
    }
    on({ kind: 'steps', steps: steps.map((s) => ({ ...s, note: s.id === 'remember' ? s.note : '' })) });
    const logged = [
      'sysctl --load /etc/sysctl.d/zz-plumbline.conf',
      'net.core.rmem_max = 134217728',
      'ok  read back: 4 of 4 values as wanted',
      "ufw allow 443/tcp comment 'plumbline: reforms'",
      'ok  rule added',
      "ufw allow 3478/tcp comment 'plumbline: reforms'",
    ];
    for (const [i, step] of steps.entries()) {
      if (step.id === 'decide') break;
      on({ kind: 'started', id: step.id });
      on({ kind: 'heard', seconds: 1, lost: false });
      const line = logged[i];
      if (line !== undefined) on({ kind: 'log', time: `14:28:${String(9 + i).padStart(2, '0')}`, text: line });
      if (step.note !== '') on({ kind: 'detail', id: step.id, text: step.note });
      if (this.#script.apply === 'hang' && step.id === 'firewall.ports') await this.#stop();
      if (this.#script.apply === 'lost' && step.id === 'firewall.ports') {
        on({ kind: 'heard', seconds: 68, lost: true });
        await this.#stop();
      }
      await this.#tick();
      if (this.#script.apply === 'oneFails' && step.id === 'limits.files') {
        on({ kind: 'stepFailed', id: step.id, why: 'A fresh sign-in may open 1,024 files, not 65,536.' });
        continue;
      }
      if (this.#stopped)
        return { kind: 'putBack', summary: chat.summary(false), why: 'You stopped. Everything is as it was at 14:27.' };
      on({ kind: 'done', id: step.id, seconds: i === 0 ? 2 : 1 });
    }
    if (this.#script.apply === 'putBack')
      return {
        kind: 'putBack',
        summary: chat.summary(false),
        why: 'The server put everything back by itself at 14:30:31.',
      };
    return { kind: 'keep', ...this.#ask() };
  }

  #ask(): KeepAsk {
    const unproved = this.#script.apply === 'unproved';
    return {
      run: 'run-1',
      proofs: unproved ? chat.failedProofs : chat.proofs,
      allProved: !unproved,
      secondsLeft: this.#script.left,
      putBackAt: '14:32:10',
      failed: [],
    };
  }

  keep = async (): Promise<ApplyOutcome> => {
    this.#kept = true;
    return { kind: 'kept', summary: chat.summary(true) };
  };
  putBack = async (): Promise<ApplyOutcome> => ({
    kind: 'putBack',
    summary: chat.summary(false),
    why: 'Everything is as it was at 14:27. We looked, and it is.',
  });
  moreTime = async (): Promise<ApplyReply> => ({
    kind: 'keep',
    ...this.#ask(),
    secondsLeft: 120,
    putBackAt: '14:34:10',
  });

  summary = async (): Promise<Summary> => chat.summary(this.#kept);
  setAside: Backend['setAside'] = async (_session, id, aside) => {
    const waiver = aside && { reason: aside.reason, name: aside.name, until: '2027-03-31' };
    const findings = chat.findings.map((finding) => (finding.id === id ? { ...finding, waiver } : finding));
    return { ...chat.checked(0), findings };
  };
  answerQuestion = async () => chat.summary(this.#kept);
  savePdf = async () => ({ kind: 'to' as const, path: '~/Documents/chat-01.pdf' });
  saveSetupReport = async () => ({ kind: 'to' as const, path: '~/Documents/Reforms-Large.pdf' });
  shareSetup = async () => ({ kind: 'to' as const, path: '~/Documents/Reforms-Large.json' });
  openSetup = async (): Promise<SetupOpened> => ({ kind: 'opened', setup: 'Reforms, Large', servers: 2 });
  saveJson = async () => ({ kind: 'to' as const, path: '~/Documents/chat-01.json' });
  saveScript = async () => ({ kind: 'notSaved' as const });
  savePlaybook = async () => ({ kind: 'to' as const, path: '~/Documents/chat-01.yml' });
  copyDetails = async () => 'details: recorded for the tests of the window';
  openLogFolder = async () => undefined;
  saveDiagnostics = async (): Promise<Saved> => ({ kind: 'to', path: '/home/mara/plumbline-diagnostics.txt' });

  savedServers = async () => this.#servers;
  forgetServer = async (id: string) => {
    this.#servers = this.#servers.filter((s) => s.id !== id);
  };
  history = async () => ({ checks: history });
  compareChecks = async () => compared;
  about = async (): Promise<About> => ({
    version: '0.1.0',
    keychain:
      this.#script.keychain === 'ready' ? { kind: 'ready', name: 'Secret Service' } : { kind: this.#script.keychain },
    folder: '/home/mara/.local/share/plumbline',
    logs: '/home/mara/.local/share/plumbline/logs',
    knownHosts: '/home/mara/.local/share/plumbline/known_hosts',
  });
  openDataFolder = async () => undefined;
  settings = async () => this.#settings;
  setSettings = async (settings: Settings) => {
    this.#settings = settings;
  };
  savePlace = async (json: string) => {
    this.#place = json;
  };
  place = async () => this.#place;

  /** Waits one pace. */
  #tick(): Promise<void> {
    return new Promise((done) => setTimeout(done, this.#script.pace));
  }

  /** Waits until somebody stops. */
  async #stop(): Promise<void> {
    while (!this.#stopped) await new Promise((done) => setTimeout(done, 20));
  }
}
