import type { Failure, Headline, Product, Role, RoleNeeds, RoleOption } from '../bindings';

const role = (id: string, title: string, purpose: string, size: string, more: Partial<Role> = {}): Role => ({
  id,
  title,
  purpose,
  size,
  scale: null,
  group: '',
  options: [],
  ...more,
});

const users = (min: number, max: number, start: number, ticks: number[]) => ({
  kind: 'users',
  min,
  max,
  default: start,
  ticks,
});
const people = 'By the number of people';
const choices: RoleOption[] = [
  {
    id: 'database',
    title: 'Database',
    default: 'postgresql',
    choices: [
      { id: 'postgresql', title: 'PostgreSQL' },
      { id: 'mongodb', title: 'MongoDB' },
    ],
  },
  { id: 'signaling_port', title: 'Port for call setup (tcp)', default: '8443', choices: [] },
];

/** What somebody's own requirements file brings. */
export const wiki: Product = {
  id: 'wiki',
  title: 'Wiki',
  purpose: 'Write things down together.',
  rolesLine: 'Server',
  smallest: 'from 1 core, 1 GB',
  roles: [role('wiki/server', 'Server', 'Serves the pages.', '1 core, 1 GB')],
};

export const badRequirements = (name: string): { failure: Failure; problems: string[] } => ({
  failure: {
    code: 'requirements',
    happened: `${name} cannot be used as it is. Nothing was taken from it.`,
    safe: 'Nothing on the server was changed.',
    next: 'Whoever wrote it can mend it with this list.',
    field: '',
    reached: '',
    remedies: [],
    details: '',
  },
  problems: [
    `${name}:19: unknown field "tittle" (did you mean "title"?)`,
    `${name}:25: there is no fact called "memory.totel" (did you mean "memory.total"?)`,
  ],
});

export const products: Product[] = [
  {
    id: 'dusk',
    title: 'Dusk',
    purpose: 'Take part in the Dusk network: secure it, generate proofs, or keep its history.',
    rolesLine: 'Provisioner, Prover, Archiver',
    smallest: '2 to 8 cores, 4 to 16 GB and up',
    roles: [
      role(
        'dusk/provisioner',
        'Provisioner',
        'Stakes, and helps agree on new blocks. Can prove a little.',
        '2 cores, 4 GB',
      ),
      role(
        'dusk/prover',
        'Prover',
        'Turns transactions into proofs. Each worker runs beside the others, so more workers need more server.',
        'scales with workers',
        { scale: { kind: 'workers', min: 1, max: 64, default: 6, ticks: [1, 8, 16] } },
      ),
      role(
        'dusk/archiver',
        'Archiver',
        'Keeps the network’s history and answers questions about it.',
        '8 cores, 16 GB',
      ),
    ],
  },
  {
    id: 'statemesh',
    title: 'StateMesh',
    purpose: 'Offer a node to the StateMesh network, or build applications on it.',
    rolesLine: 'Node operator, Developer',
    smallest: '2 to 4 cores, 4 to 8 GB',
    roles: [
      role('statemesh/node-minimum', 'Node operator, minimum', 'Offers a node to the network.', '2 cores, 4 GB'),
      role(
        'statemesh/node-recommended',
        'Node operator, recommended',
        'Offers a node with room for more.',
        '4 cores, 8 GB',
      ),
      role('statemesh/developer', 'Application developer', 'Builds and tries applications.', '2 cores, 4 GB'),
    ],
  },
  {
    id: 'reforms',
    title: 'Reforms Messenger',
    purpose: 'Run private chat, voice and video for your own team.',
    rolesLine: '5 to 500+ users',
    smallest: '2 to 16 cores, 4 to 64 GB',
    roles: [
      role('reforms/small', 'Small team', 'One server does everything.', '4 cores, 8 GB', {
        scale: users(1, 50, 24, [5, 50]),
        group: people,
        options: choices,
      }),
      role(
        'reforms/medium-app',
        'Medium, app server',
        'One app server, and a load balancer in front.',
        '8 cores, 32 GB',
        {
          scale: users(50, 500, 200, [50, 500]),
          group: people,
          options: choices,
        },
      ),
      role('reforms/medium-lb', 'Medium, load balancer', 'Stands in front of the app server.', '2 cores, 4 GB', {
        group: people,
      }),
      role(
        'reforms/large-app',
        'Large, app server',
        'Three or more app servers, a database, a load balancer.',
        '16 cores, 64 GB',
        {
          scale: users(500, 20000, 1000, [500, 1000, 5000]),
          group: people,
          options: choices,
        },
      ),
      role('reforms/large-db', 'Large, database', 'Keeps messages and accounts.', '8 cores, 32 GB', { group: people }),
      role('reforms/large-lb', 'Large, load balancer', 'Stands in front of the app servers.', '2 cores, 4 GB', {
        group: people,
      }),
      role('reforms/minimum', 'Minimum', 'To try it out. Not for daily work.', '2 cores, 4 GB', {
        group: 'Whatever the number',
      }),
      role(
        'reforms/recommended',
        'Recommended production',
        'The general advice, whatever the number of users.',
        '8 cores, 16 GB',
        {
          group: 'Whatever the number',
        },
      ),
    ],
  },
];

const head = (
  title: string,
  value: string,
  unit: string,
  arithmetic: string | null = null,
  comfortable: string | null = null,
): Headline => ({
  title,
  value,
  unit,
  arithmetic,
  comfortable,
});

const need = (id: string, title: string, area: string, needed: string, why: string) => ({
  id,
  title,
  area,
  severity: 'required',
  needed,
  why,
  source: 'Published requirements',
});

/** The column at the right of the role screen. The figures of the prover follow the published rule. */
export function roleNeeds(id: string): RoleNeeds {
  const [path = '', query = ''] = id.split('?');
  const asked = new URLSearchParams(query);
  if (path === 'dusk/prover') {
    const workers = Number(asked.get('workers') ?? 6);
    const figure = (title: string, unit: string, least: number, each: number) =>
      head(
        title,
        String(Math.max(least, workers * each)),
        unit,
        `${each} per worker, at least ${least}`,
        `${least + workers * each} to be comfortable`,
      );
    return {
      role: id,
      title: `Prover, ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
      headlines: [
        figure('Processor', 'cores', 4, 1),
        figure('Memory', 'GB', 8, 1),
        figure('Disk', 'GB', 20, 2),
        figure('Network, both ways', 'Mbps', 20, 5),
        head('Each core', '2 GHz or faster', ''),
        head('Processor', 'Intel/AMD 64-bit, or ARM', ''),
        head('System', 'Ubuntu 22.04 or Debian 12', ''),
        head('Ports', '9000/udp open; 8080/tcp if you want', ''),
        head('Security', 'Firewall, updates, fixed address', ''),
      ],
      note: 'Dusk gives a minimum and a figure per worker. The larger of the two is needed; both together leave headroom.',
      sourceTitle: 'Source',
      sourceUrl: 'https://docs.example.org/dusk/requirements',
      needs: [
        need(
          'dusk.cores',
          'Processor cores',
          'hardware',
          `${Math.max(4, workers)} cores`,
          'Each worker keeps one core busy.',
        ),
        need('dusk.memory', 'Memory', 'hardware', `${Math.max(8, workers)} GB`, 'Proofs are made in memory.'),
        need('dusk.port', 'Network, 9000/udp', 'network', 'open', 'Other nodes call in on this port.'),
      ],
    };
  }
  const plain: Record<string, [string, string, string, string, string]> = {
    'dusk/provisioner': ['Provisioner', '2', '4', '50', '10'],
    'dusk/archiver': ['Archiver', '8', '16', '250', '50'],
    'statemesh/node-minimum': ['Node operator, minimum', '2', '4', '50', '100'],
    'statemesh/node-recommended': ['Node operator, recommended', '4', '8', '100', '200'],
    'statemesh/developer': ['Application developer', '2', '4', '50', '100'],
    'reforms/small': ['Small team', '4', '8', '50', '500'],
    'reforms/medium-app': ['Medium, app server', '8', '32', '200', '1,000'],
    'reforms/large-app': ['Large, app server', '16', '64', '500', '10,000'],
    'reforms/minimum': ['Minimum', '2', '4', '20', '100'],
    'reforms/recommended': ['Recommended production', '8', '16', '100', '500'],
  };
  const [name, cores, memory, disk, line] = plain[path] ?? ['This role', '2', '4', '20', '10'];
  const reforms = path.startsWith('reforms/');
  return {
    role: id,
    title: asked.has('users') ? `${name}, ${asked.get('users')} users` : name,
    headlines: [
      head('Processor', cores, 'cores', reforms ? '2.4 GHz or faster' : null),
      head('Memory', memory, 'GB'),
      head('Disk', disk, 'GB', reforms ? 'SSD; second drive optional' : null),
      head('Network, both ways', line, 'Mbps'),
      head('System', reforms ? 'Ubuntu 22.04, Debian 12, RHEL 9' : 'Ubuntu 22.04 or Debian 12', ''),
      ...(reforms
        ? [
            head('Software', 'Node.js 18 or 20, PostgreSQL 15, Redis 7, NGINX 1.22, Docker 24', ''),
            head('Ports', '443, 8443, 3478, 5349 and 49152–65535/udp', ''),
            head('Upkeep', 'A backup every day', ''),
          ]
        : [head('Security', 'Firewall, updates, fixed address', '')]),
    ],
    note: reforms
      ? 'If you grow: past 50 users this becomes 8 cores at 3.2 GHz, 32 GB, 200 GB NVMe plus 1 TB, and a second server as load balancer.'
      : null,
    sourceTitle: 'Source',
    sourceUrl: 'https://docs.example.org/requirements',
    needs: [
      need('a.cores', 'Processor cores', 'hardware', `${cores} cores`, 'The work is spread over them.'),
      need('a.memory', 'Memory', 'hardware', `${memory} GB`, 'Without it the server begins to swap.'),
      need('a.disk', 'Free disk', 'storage', `${disk} GB`, 'Messages and attachments are kept here.'),
    ],
  };
}
