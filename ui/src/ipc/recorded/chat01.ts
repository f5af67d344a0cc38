/** chat-01 for Reforms Messenger, Small team, 24 users: one server's check, plan and result, as the backend would say them. */
import type {
  Change,
  Checked,
  Counts,
  Finding,
  FitRow,
  Measurable,
  MeasuredFigure,
  MeasureStep,
  Plan,
  Proof,
  RunStep,
  Summary,
  WaitingRow,
} from '../bindings';

type Verdict = 'met' | 'short' | 'missing' | 'could_not_tell' | 'you_confirm' | 'not_applicable';

const source = 'Reforms requirements, “System Optimization”';

function finding(
  area: string,
  id: string,
  title: string,
  found: string,
  needed: string,
  verdict: Verdict,
  ratio: number | null,
  more: Partial<Finding> = {},
): Finding {
  return {
    id: `reforms.${id}`,
    catalog: [],
    title,
    area,
    severity: 'required',
    verdict,
    needed,
    found,
    ratio,
    sentence: `${title}: ${found || 'nothing read'}, ${needed} needed.`,
    why: 'The published requirements ask for it.',
    source,
    sourceUrl: 'https://docs.example.org/reforms/requirements',
    arithmetic: null,
    evidence: [],
    maintained: null,
    change: null,
    steps: null,
    parts: [],
    waiver: null,
    ...more,
  };
}

const files: Partial<Finding> = {
  why: 'Every connection and every attachment counts as an open file. At the limit, the server turns new ones away.',
  steps: 'Plumbline can raise the limit for services. It is a small change in one file, and easy to undo.',
  change: 'limits.files',
  evidence: [
    { command: 'systemctl show --property=DefaultLimitNOFILESoft', output: 'DefaultLimitNOFILESoft=1024', exit: 0 },
  ],
};

const buffers: Partial<Finding> = {
  why: 'Large files and calls over long distances need room for what is under way.',
  steps: 'Plumbline can raise the value. No restart is needed.',
  change: 'sysctl.buffers',
  evidence: [{ command: 'sysctl -n net.core.rmem_max', output: '212992', exit: 0 }],
};

const closed: Partial<Finding> = {
  why: 'People reach the messenger through this port.',
  steps: 'Plumbline can add a rule to the firewall. SSH stays open.',
  change: 'firewall.ports',
  evidence: [{ command: 'ufw status', output: 'Status: active\n22/tcp  ALLOW  Anywhere', exit: 0 }],
};

export const findings: Finding[] = [
  finding('hardware', 'cores', 'Processor cores', '4 cores', '4 cores', 'met', 1),
  finding('hardware', 'speed', 'Processor speed', '2.45 GHz', '2.4 GHz', 'met', 1.02),
  finding('hardware', 'memory', 'Memory', '8 GB', '8 GB', 'met', 1, {
    arithmetic: '7.8 GB usable of 8 fitted counts as 8 GB: the rest is the usual loss.',
    evidence: [{ command: 'cat /proc/meminfo', output: 'MemTotal:        8131980 kB', exit: 0 }],
  }),
  finding('system', 'system', 'Operating system', 'Ubuntu 22.04.5', '22.04 LTS', 'met', null, {
    maintained: 'Supported until April 2027',
  }),
  finding('system', 'files', 'Files a service may open', '1,024', '65,536', 'short', 0.016, files),
  finding('system', 'rmem', 'Largest receive buffer', '208 KB', '128 MB', 'short', 0.01, buffers),
  finding('system', 'wmem', 'Largest send buffer', '208 KB', '128 MB', 'short', 0.01, buffers),
  finding('system', 'tcp_rmem', 'TCP receive range', '6 MB', '128 MB', 'short', 0.047, buffers),
  finding('system', 'tcp_wmem', 'TCP send range', '4 MB', '128 MB', 'short', 0.031, buffers),
  finding('software', 'node', 'Node.js', '20.18.0', '18 or 20 LTS', 'met', null),
  finding('software', 'postgres', 'PostgreSQL', '14.15', '15 or newer', 'short', null, {
    why: 'Reforms uses features that PostgreSQL 15 brought.',
    steps: 'We don’t move databases: a person should, with a backup.',
    maintained: 'Supported until November 2026',
  }),
  finding('software', 'redis', 'Redis', '6.0.16', '7.0 or newer', 'short', null, { change: 'package.redis' }),
  finding('software', 'nginx', 'NGINX', '1.18.0', '1.22 or newer', 'short', null, { change: 'package.nginx' }),
  finding('software', 'docker', 'Docker', '27.3.1', '24.0 or newer', 'met', null),
  finding('software', 'compose', 'Docker Compose', '2.29.7', '2.0 or newer', 'met', null),
  finding('software', 'pg_memory', 'PostgreSQL memory', '128 MB', '2 GB', 'short', 0.0625, {
    change: 'postgres.memory',
  }),
  finding('software', 'pg_connections', 'PostgreSQL connections', '100', '200', 'short', 0.5, {
    change: 'postgres.memory',
  }),
  finding('software', 'tls', 'TLS certificate', 'none', 'valid', 'missing', null, {
    why: 'Without a certificate no browser and no app connects.',
    steps: 'Point a name like chat.example.org here first. Let’s Encrypt is free.',
  }),
  finding('network', 'web', 'Web and API, 443/tcp', 'closed', 'open', 'missing', null, closed),
  finding('network', 'calls', 'Call setup, 8443/tcp', 'closed', 'open', 'missing', null, closed),
  finding('network', 'stun', 'STUN, 3478/udp and tcp', 'closed', 'open', 'missing', null, {
    ...closed,
    parts: [
      { title: '3478/tcp', verdict: 'missing', needed: 'open', found: 'closed' },
      { title: '3478/udp', verdict: 'missing', needed: 'open', found: 'closed' },
    ],
  }),
  finding('network', 'turn', 'TURN over TLS, 5349/tcp', 'closed', 'open', 'missing', null, closed),
  finding('network', 'relay', 'Call relay, 49152–65535/udp', 'closed', 'open', 'missing', null, closed),
  finding('storage', 'disk', 'Free disk', '80 GB', '50 GB', 'met', 1.6),
  finding('storage', 'kind', 'Kind of drive', 'SSD', 'SSD', 'met', null),
  finding('storage', 'second', 'Second drive', 'none', 'optional', 'not_applicable', null, { severity: 'optional' }),
  finding('security', 'firewall', 'Firewall closes all other ports', 'on', 'on', 'met', null),
  finding('security', 'database', 'Database closed to the internet', 'closed', 'closed', 'met', null),
  finding('security', 'encryption', 'Modern encryption', 'available', 'available', 'met', null),
  finding('security', 'vpn', 'VPN for admin access', 'none', 'WireGuard', 'missing', null, {
    steps: 'WireGuard, or OpenVPN 2.5 and newer. It needs a key on every admin’s computer, so a person sets it up.',
  }),
  finding('security', 'factor', 'Second factor on the VPN', '', 'required', 'you_confirm', null),
  finding('monitoring', 'alerts', 'Alerts on load, disk, sign-ins', 'no access', '5 alerts', 'could_not_tell', null),
  finding('monitoring', 'logs', 'Logs collected in one place', '', 'required', 'you_confirm', null),
  finding('upkeep', 'backup', 'Daily automatic backup', 'no job found', 'daily', 'could_not_tell', null, {
    why: 'A backup may run from elsewhere; we only see jobs on the server itself.',
  }),
  finding('upkeep', 'kept', 'Backups kept', '', '30 + 90 days', 'you_confirm', null),
  finding('upkeep', 'restore', 'Monthly restore test', '', 'monthly', 'you_confirm', null),
];

export const rows: WaitingRow[] = findings.map(({ id, title, area, needed }) => ({ id, title, area, needed }));

export function count(list: Finding[]): Counts {
  const of = (verdict: Verdict) => list.filter((f) => f.verdict === verdict).length;
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

function change(
  id: string,
  group: string,
  title: string,
  effect: string,
  risk: string,
  consequence: string,
  settles: string[],
  more: Partial<Change> = {},
): Change {
  return {
    id,
    group,
    title,
    effect,
    risk,
    consequence,
    settles: settles.map((s) => `reforms.${s}`),
    advisedOff: null,
    files: [],
    runtime: [],
    undo: 'puts the old file back.',
    seconds: 5,
    ...more,
  };
}

const add = (text: string, now: string | null = null) => ({ sign: 'add', text, now });
const keep = (text: string) => ({ sign: 'keep', text, now: null });
const remove = (text: string) => ({ sign: 'remove', text, now: null });

export const changes: Change[] = [
  change(
    'limits.files',
    'System limits',
    'Let services keep 65,536 files open',
    'More people can be connected at once.',
    'low',
    '',
    ['files'],
    {
      files: [
        {
          path: '/etc/systemd/system.conf.d/zz-plumbline.conf',
          new: true,
          lines: [
            add('# Plumbline: Reforms Messenger, small team'),
            add('[Manager]'),
            add('DefaultLimitNOFILE=65536:524288', '1024:524288'),
          ],
        },
      ],
      undo: 'removes this file. Running services keep what they have until they restart.',
      seconds: 1,
    },
  ),
  change(
    'sysctl.buffers',
    'System limits',
    'Give connections more room',
    'Large files and calls move faster over long distances.',
    'low',
    '',
    ['rmem', 'wmem', 'tcp_rmem', 'tcp_wmem'],
    {
      files: [
        {
          path: '/etc/sysctl.d/zz-plumbline.conf',
          new: true,
          lines: [
            add('# Plumbline: Reforms Messenger, small team'),
            add('net.core.rmem_max = 134217728', '212992'),
            add('net.core.wmem_max = 134217728', '212992'),
            add('net.ipv4.tcp_rmem = 4096 131072 134217728', '4096 131072 6291456'),
            add('net.ipv4.tcp_wmem = 4096 65536 134217728', '4096 16384 4194304'),
          ],
        },
      ],
      undo: 'removes this file and sets the four values back to what they are now. No restart.',
      seconds: 1,
    },
  ),
  change(
    'firewall.ports',
    'Firewall',
    'Open the ports Reforms uses',
    '443, 8443, 3478, 5349 and 49152–65535/udp. SSH on port 22 stays open.',
    'medium',
    'Opens ports',
    ['web', 'calls', 'stun', 'turn', 'relay'],
    {
      runtime: [
        { name: '443/tcp', before: 'closed', after: 'open' },
        { name: '8443/tcp', before: 'closed', after: 'open' },
        { name: '3478/tcp and udp', before: 'closed', after: 'open' },
        { name: '5349/tcp', before: 'closed', after: 'open' },
        { name: '49152–65535/udp', before: 'closed', after: 'open' },
      ],
      undo: 'removes the six rules; SSH stays open.',
      seconds: 8,
    },
  ),
  change(
    'postgres.memory',
    'Software',
    'Let PostgreSQL use 2 GB of memory and 200 connections',
    'PostgreSQL restarts: about 3 seconds without the database.',
    'medium',
    'Restarts a service',
    ['pg_memory', 'pg_connections'],
    {
      files: [
        {
          path: '/etc/postgresql/14/main/postgresql.conf',
          new: false,
          lines: [
            keep('# - Memory -'),
            remove('shared_buffers = 128MB'),
            add('shared_buffers = 2GB', '128MB'),
            remove('max_connections = 100'),
            add('max_connections = 200', '100'),
          ],
        },
      ],
      undo: 'puts the old file back and restarts PostgreSQL: about 3 seconds.',
      seconds: 9,
    },
  ),
  change(
    'package.redis',
    'Software',
    'Update Redis from 6.0 to 7',
    'From the Redis project’s own package source.',
    'medium',
    'Adds a package source',
    ['redis'],
    { undo: 'goes back to 6.0.16.', seconds: 40 },
  ),
  change(
    'package.nginx',
    'Software',
    'Update NGINX from 1.18 to 1.22 or newer',
    'From the NGINX project’s own package source.',
    'medium',
    'Adds a package source',
    ['nginx'],
    { undo: 'goes back to 1.18.0.', seconds: 40 },
  ),
  change(
    'postgres.work_mem',
    'Software',
    'Give each PostgreSQL query 256 MB',
    'Reforms recommends it for larger servers.',
    'high',
    'High risk',
    [],
    {
      advisedOff:
        'Off, because 200 connections could then ask for 50 GB and this server has 8. Reforms recommends it for larger servers.',
      undo: 'puts the old file back.',
    },
  ),
];

export const left = [
  {
    id: 'reforms.tls',
    title: 'Get a TLS certificate',
    how: 'Point a name like chat.example.org here first. Let’s Encrypt is free.',
  },
  {
    id: 'reforms.vpn',
    title: 'Set up a VPN for admins',
    how: 'WireGuard, or OpenVPN 2.5 and newer. It needs a key on every admin’s computer, so a person sets it up: one key pair a computer, and the server lists the public halves.',
  },
  {
    id: 'reforms.postgres',
    title: 'Move PostgreSQL from 14 to 15',
    how: 'We don’t move databases: a person should, with a backup. Stop the app, dump the database, install 15, load the dump, start the app.',
  },
];

export const plan: Plan = {
  title: 'Six changes make 14 more needs true',
  lead: 'Read them, switch off what you don’t want. Nothing happens until you press Apply.',
  changes,
  left,
};

const cell = (area: string, state: string) => ({ area, state });
const areas = ['hardware', 'system', 'software', 'network', 'storage', 'security', 'monitoring', 'upkeep'];
// One letter a cell: m met, c can be put right, s short, y you confirm, - nothing needed.
const states: Record<string, string> = { m: 'met', c: 'change', s: 'short', y: 'you_confirm', '-': 'none' };
const fitRow = (
  role: string,
  product: string,
  title: string,
  cells: string,
  answer: string,
  sentence: string,
): FitRow => ({
  role,
  product,
  title,
  cells: areas.map((area, i) => cell(area, states[cells[i] ?? '-'] ?? 'none')),
  answer,
  sentence,
});

export const fit: FitRow[] = [
  fitRow('dusk/provisioner', 'Dusk', 'Provisioner', 'mm-cmm--', 'Yes', 'Yes, after opening 9000/udp'),
  fitRow('dusk/prover?workers=1', 'Dusk', 'Prover, 1 worker', 'mm-cmm--', 'Yes', 'Yes, after opening 9000/udp'),
  fitRow('dusk/archiver', 'Dusk', 'Archiver', 'sm-csm--', 'No', 'No: 4 of 8 cores, 80 of 250 GB'),
  fitRow(
    'statemesh/node-minimum',
    'StateMesh',
    'Node operator, minimum',
    'mmcymmyy',
    'Yes',
    'Yes, after adding cri-dockerd',
  ),
  fitRow(
    'statemesh/node-recommended',
    'StateMesh',
    'Node operator, recommended',
    'mmcysmyy',
    'No',
    'No: 80 of 100 GB disk',
  ),
  fitRow(
    'statemesh/developer',
    'StateMesh',
    'Application developer',
    'mmcymmyy',
    'Yes',
    'Yes, after adding cri-dockerd',
  ),
  fitRow('reforms/minimum', 'Reforms Messenger', 'Minimum', 'mmmcmmyy', 'Yes', 'Yes, after opening its ports'),
  fitRow('reforms/small', 'Reforms Messenger', 'Small team, 5 to 50', 'mcccmcyy', 'Yes', 'Yes, after 17 things'),
  fitRow(
    'reforms/recommended',
    'Reforms Messenger',
    'Recommended production',
    'scccscyy',
    'No',
    'No: 4 of 8 cores, 8 of 16 GB',
  ),
  fitRow(
    'reforms/medium-app',
    'Reforms Messenger',
    'Medium, 50 to 500',
    'scccscyy',
    'No',
    'No: 4 of 8 cores, 8 of 32 GB',
  ),
  fitRow(
    'reforms/large-app',
    'Reforms Messenger',
    'Large, 500 and up',
    'scccscyy',
    'No',
    'No: 4 of 16 cores, 8 of 64 GB',
  ),
];

export function checked(hidden: number): Checked {
  return {
    title: '14 of 17 shortfalls can be put right from here',
    lead: 'The other three need you. Open any line to see why it matters and how we know.',
    verdict: 'not_ready',
    counts: count(findings),
    findings,
    plan,
    fit,
    hidden,
    unheard: false,
    at: '20 November 2026, 14:27',
  };
}

export function runSteps(ids: string[], undo: boolean): RunStep[] {
  const titles = changes
    .filter((c) => undo || ids.includes(c.id))
    .filter((c) => c.advisedOff === null || ids.includes(c.id));
  return [
    { id: 'remember', title: 'Remember how it was', note: 'A copy of every file we touch is on the server.' },
    { id: 'timer', title: 'Set the safety timer', note: '' },
    ...titles.map((c) => ({
      id: c.id,
      title: c.title,
      note: c.id === 'firewall.ports' ? 'Adding rule 4 of 6: 3478/tcp. SSH on port 22 still answers.' : '',
    })),
    { id: 'prove', title: 'Sign in again over a new connection', note: '' },
    { id: 'decide', title: 'You decide: keep or put back', note: '' },
  ];
}

export const proofs: Proof[] = [
  { title: 'A new connection was opened', proved: true, seconds: 0.4, note: '' },
  { title: 'Signed in as deploy, with the same key', proved: true, seconds: 0.3, note: '' },
  { title: 'sudo still works', proved: true, seconds: 0, note: '' },
  { title: 'All 6 changes read back as wanted', proved: true, seconds: 0, note: '14 needs' },
  { title: 'All Reforms ports can be reached from here', proved: true, seconds: 0.2, note: '' },
];

export const failedProofs: Proof[] = proofs.map((p, i) =>
  i === 4 ? { ...p, proved: false, note: '8443/tcp does not answer' } : p,
);

const settled = new Set(changes.flatMap((c) => c.settles));

export function summary(kept: boolean): Summary {
  const now = findings.map((f) =>
    kept && settled.has(f.id)
      ? { ...f, verdict: 'met', found: f.needed, ratio: f.ratio === null ? null : 1, change: null }
      : f,
  );
  const area = (id: string, notes: string[]) => {
    const judged = (list: Finding[]) => list.filter((f) => f.area === id && f.verdict !== 'not_applicable');
    return {
      area: id,
      total: judged(findings).length,
      before: judged(findings).filter((f) => f.verdict === 'met').length,
      now: judged(now).filter((f) => f.verdict === 'met').length,
      notes,
    };
  };
  return {
    verdict: kept ? 'almost' : 'not_ready',
    title: kept ? 'chat-01 is almost ready for Reforms' : 'chat-01 is not ready for Reforms',
    lead: kept ? '26 of 35 needs are met. Three are left to fix, and six want your word.' : '12 of 35 needs are met.',
    areas: [
      area('hardware', []),
      area('system', kept ? [] : ['5 to fix']),
      area('software', [kept ? '2 to fix' : '6 to fix']),
      area('network', kept ? [] : ['5 to fix']),
      area('storage', []),
      area('security', ['1 to fix', '1 to confirm']),
      area('monitoring', ['2 to confirm']),
      area('upkeep', ['3 to confirm']),
    ],
    left,
    facts: [
      { title: 'Changes', text: kept ? '6 kept at 14:31, which made 14 needs true' : 'None were kept' },
      { title: 'Checked', text: '20 November 2026, 14:31, from this computer' },
      { title: 'Next check', text: 'Best within 30 days. Plumbline shows a reminder here.' },
    ],
    run: kept ? 'run-1' : null,
    undoCosts: kept ? 14 : 0,
    questions: [
      {
        id: 'reforms.backup',
        title: 'A backup runs every day',
        text: '',
        evidence: 'We found no backup job on the server. It may run from elsewhere.',
        answer: 'yes',
      },
      {
        id: 'reforms.kept',
        title: 'Backups are kept 30 days here and 90 days elsewhere',
        text: '',
        evidence: '',
        answer: 'yes',
      },
      { id: 'reforms.restore', title: 'Someone tries a restore every month', text: '', evidence: '', answer: 'no' },
      {
        id: 'reforms.alerts',
        title: 'Alerts reach a person',
        text: 'CPU 80%, memory 90%, disk 85%, 100 ms, 10 failed sign-ins a minute',
        evidence: '',
        answer: 'later',
      },
      { id: 'reforms.logs', title: 'Logs are collected in one place', text: '', evidence: '', answer: 'later' },
      {
        id: 'reforms.factor',
        title: 'The VPN asks for a second factor',
        text: 'Answer once the VPN is there.',
        evidence: '',
        answer: 'later',
      },
    ],
    fit,
    findings: now,
  };
}

/** What could be measured on chat-01, and what it comes to. */
export const measurable: Measurable[] = [
  measurement(
    'disk:/var/lib',
    'disk',
    'Disk under /var/lib',
    'At most 64 MB written and removed again, about 3 seconds.',
    ['Safe writes: 4,020 a second'],
  ),
  measurement('path', 'path', 'Path from here', 'At most 67 MB of traffic, half of it each way, about 10 seconds.', []),
  {
    ...measurement(
      'ports',
      'ports',
      'Ports from here',
      'The server listens for a moment where nothing does, and we knock, about 6 seconds.',
      [],
    ),
    ports: ['443/tcp', '8443/tcp', '3478/tcp', '3478/udp', '5349/tcp', '49152-65535/udp'],
  },
];

function measurement(id: string, what: string, title: string, cost: string, before: string[]): Measurable {
  const seconds = Number(/about (\d+) seconds/.exec(cost)?.[1] ?? 0);
  return { id, what, title, cost, seconds, before, ports: [], asks: false };
}

const here = 'Blocked on the server: ufw lets in only what a rule names, and no rule names this port.';
const before = 'Blocked before the server: our packet never came to it. A provider’s firewall or a router stops it.';
const screenOf = 'In the Hetzner Console, open Firewalls (for a dedicated server: Robot, Server, Firewall), and add:';

export const measured: MeasureStep[] = [
  { kind: 'started', id: 'disk:/var/lib' },
  {
    kind: 'done',
    id: 'disk:/var/lib',
    figures: [
      figure('Safe writes', '4,180 a second', 'three runs, 4,102 to 4,233', 'met', '500 a second', 8.4),
      figure('One after another', '412 MB a second', 'one run', '', '', null),
    ],
    withheld: null,
  },
  { kind: 'started', id: 'path' },
  { kind: 'soFar', id: 'path', text: '412 Mbps so far', share: 0.62 },
  {
    kind: 'done',
    id: 'path',
    figures: [
      figure('Round trip', '24 ms', '25 round trips, 24 ms to 31 ms, 19 of 20 within 26 ms', '', '', null),
      figure('From the server', '938 Mbps', '33,554 kB in 0.3 s', 'met', '500 Mbps', 1.88),
      figure('To the server', '412 Mbps', '33,554 kB in 0.7 s', 'short', '500 Mbps', 0.82),
    ],
    withheld: null,
  },
  { kind: 'started', id: 'ports' },
  tried('443/tcp', 'missing', 'here', here, 'Let 443/tcp in; Plumbline can do that in the next step.'),
  tried('8443/tcp', 'missing', 'here', here, 'Let 8443/tcp in; Plumbline can do that in the next step.'),
  tried('3478/tcp', 'met', '', 'Open: our connection arrived. Nothing of the server’s own listens there yet.', ''),
  tried('3478/udp', 'missing', 'before', before, `${screenOf} 3478/udp for inbound traffic from anywhere.`),
  tried(
    '5349/tcp',
    'met',
    '',
    'The way is free, and nothing listens there.',
    'Start the service that should answer there.',
  ),
  tried('49152-65535/udp', 'met', '', 'Open: our packet arrived. Nothing of the server’s own listens there yet.', ''),
  { kind: 'done', id: 'ports', figures: [], withheld: null },
];

function figure(
  title: string,
  text: string,
  spread: string,
  verdict: string,
  needed: string,
  ratio: number | null,
): MeasuredFigure {
  return { title, text, spread, verdict, needed, ratio };
}

function tried(name: string, verdict: string, stopped: string, sentence: string, next: string): MeasureStep {
  return { kind: 'port', id: 'ports', port: { name, verdict, stopped, sentence, next, tried: 'IPv4 and IPv6' } };
}
