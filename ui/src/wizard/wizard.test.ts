import { describe, expect, it, vi } from 'vitest';
import type { Failure } from '../ipc/bindings';
import { Fake, type Script } from '../ipc/fake';
import { isTodo } from '../state/rows';
import { Wizard } from './wizard.svelte';

async function begin(script: Partial<Script> = {}, now: () => number = Date.now) {
  const backend = new Fake({ pace: 0, ...script });
  const wizard = new Wizard(backend, now);
  await wizard.start();
  expect(wizard.trouble).toBe(null);
  return { wizard, backend };
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 3000, interval: 5 });
const at = (wizard: Wizard, kind: string) => until(() => expect(wizard.step.kind).toBe(kind));

async function toServer(script: Partial<Script> = {}, now?: () => number) {
  const all = await begin(script, now);
  all.wizard.send({ kind: 'setUp' });
  all.wizard.chooseProduct('reforms');
  all.wizard.send({ kind: 'roleChosen' });
  await until(() => expect(all.wizard.defaults).not.toBe(null));
  all.wizard.form.address = 'chat-01';
  all.wizard.form.passphrase = 'correct horse';
  return all;
}

async function toChecked(script: Partial<Script> = {}) {
  const all = await toServer({ connect: 'ok', ...script });
  await all.wizard.connect();
  await at(all.wizard, script.hidden ? 'sudo' : 'checked');
  return all;
}

async function toKeep(script: Partial<Script> = {}) {
  const all = await toChecked(script);
  all.wizard.seeChanges();
  all.wizard.apply();
  await at(all.wizard, 'keep');
  return all;
}

/** jsdom knows no `File.text`. */
const file = (name: string, text: string) => Object.assign(new File([text], name), { text: async () => text });

describe('a reading that is dropped on the window', () => {
  it('is opened as if it had been chosen', async () => {
    const { wizard, backend } = await begin();
    const dropped = vi.spyOn(backend, 'dropFacts');
    wizard.dropFacts(file('chat-07.txt', '@plumb by-hand'));
    await until(() => expect(wizard.server?.name).toBe('chat-07'));
    expect(dropped).toHaveBeenCalledWith('chat-07.txt', '@plumb by-hand');
  });

  it('means nothing while a server is at hand', async () => {
    const { wizard, backend } = await toChecked();
    const dropped = vi.spyOn(backend, 'dropFacts');
    wizard.dropFacts(file('chat-07.txt', 'x'));
    await new Promise((soon) => setTimeout(soon, 20));
    expect(dropped).not.toHaveBeenCalled();
  });
});

describe('what is measured', () => {
  it('goes on while a person looks at the changes, and ends before they are made', async () => {
    const { wizard } = await toChecked({ measure: 1 });
    wizard.send({ kind: 'measureAsked' });
    const measured = wizard.measure();
    await until(() => expect(wizard.measuring.left).toBeLessThan(19));
    expect(wizard.measuring.left).toBeGreaterThan(9);
    wizard.send({ kind: 'seeChanges' });
    expect(wizard.step.kind).toBe('meanwhile');
    wizard.back();
    expect(wizard.step.kind).toBe('measuring');
    wizard.send({ kind: 'seeChanges' });
    wizard.apply();
    expect(wizard.step.kind).toBe('meanwhile');
    await measured;
    await until(() => expect(['applying', 'keep']).toContain(wizard.step.kind));
    expect(wizard.measuring.running).toBe(false);
  });

  it('leads to the changes alone when it is over meanwhile', async () => {
    const { wizard } = await toChecked();
    wizard.send({ kind: 'measureAsked' });
    const measured = wizard.measure();
    wizard.send({ kind: 'seeChanges' });
    await measured;
    expect(wizard.step.kind).toBe('tune');
    expect(wizard.measuring.left).toBe(0);
  });
});

describe('a requirements file of somebody’s own', () => {
  it('is opened, stands among the products, and can be forgotten', async () => {
    const { wizard } = await begin();
    wizard.send({ kind: 'setUp' });
    wizard.openRequirements();
    await until(() => expect(wizard.choice.products.map((p) => p.id)).toContain('wiki'));
    expect(wizard.files.map((f) => f.name)).toEqual(['wiki.toml']);
    expect(wizard.notice).toContain('wiki.toml');
    wizard.forgetRequirements('wiki.toml');
    await until(() => expect(wizard.choice.products.map((p) => p.id)).not.toContain('wiki'));
    expect(wizard.files).toEqual([]);
  });

  it('leads to the products when it is dropped anywhere outside a walk, and says line by line what is wrong', async () => {
    const { wizard } = await begin();
    wizard.drop(file('ours.toml', 'tittle = 1'));
    await until(() => expect(wizard.refused?.problems[0]).toContain('ours.toml:19'));
    expect(wizard.step.kind).toBe('product');
    expect(wizard.files).toEqual([]);
    wizard.drop(file('ours.toml', 'title = 1'));
    await until(() => expect(wizard.files.map((f) => f.name)).toEqual(['ours.toml']));
    expect(wizard.refused).toBeNull();
  });

  it('that was forgotten is asked for when a server of its role is opened', async () => {
    const { wizard, backend } = await begin({ home: 'full' });
    const called = vi.spyOn(backend, 'connect');
    const server = wizard.servers[0];
    if (!server) throw new Error('no server');
    wizard.openServer({ ...server, role: 'wiki/server' });
    expect(wizard.failure?.happened).toContain('wiki/server');
    expect(wizard.step.kind).toBe('home');
    expect(called).not.toHaveBeenCalled();
    wizard.openServer(server);
    await until(() => expect(called).toHaveBeenCalled());
  });

  it('means nothing when it is dropped on a server’s check', async () => {
    const { wizard, backend } = await toChecked();
    const dropped = vi.spyOn(backend, 'dropRequirements');
    wizard.drop(file('ours.toml', 'x'));
    await new Promise((soon) => setTimeout(soon, 20));
    expect(dropped).not.toHaveBeenCalled();
  });
});

describe('a setup', () => {
  it('that was shared elsewhere joins the list, and the notice says so', async () => {
    const { wizard, backend } = await begin({ home: 'empty' });
    expect(wizard.servers).toEqual([]);
    const there = await new Fake({ pace: 0 }).savedServers();
    vi.spyOn(backend, 'savedServers').mockResolvedValue(there);
    wizard.openSetup();
    await until(() => expect(wizard.servers).toEqual(there));
    await until(() => expect(wizard.notice).toContain('Reforms, Large is here, with 2 servers.'));
  });

  it('that cannot be read is refused in words, and nothing joins the list', async () => {
    const { wizard, backend } = await begin({ home: 'empty' });
    const failure = { code: 'damaged', happened: 'It is damaged.' } as Failure;
    vi.spyOn(backend, 'openSetup').mockResolvedValue({ kind: 'refused', failure });
    wizard.openSetup();
    await until(() => expect(wizard.failure?.happened).toBe('It is damaged.'));
    expect(wizard.servers).toEqual([]);
  });

  it('is shared by its name, and the path is said', async () => {
    const { wizard, backend } = await begin();
    const share = vi.spyOn(backend, 'shareSetup');
    wizard.shareSetup('Reforms, Large');
    await until(() => expect(wizard.notice).toBe('Saved to ~/Documents/Reforms-Large.json'));
    expect(share).toHaveBeenCalledWith('Reforms, Large');
  });
});

describe('connecting', () => {
  it('asks at first contact, and connects once the key was accepted', async () => {
    const { wizard, backend } = await toServer({ connect: 'first' });
    const connect = vi.spyOn(backend, 'connect');
    await wizard.connect();
    expect(wizard.step.kind).toBe('firstContact');
    wizard.acceptFirst(true);
    await at(wizard, 'checked');
    expect(connect.mock.calls.map(([ask]) => ask.trust.kind)).toEqual(['knownOnly', 'first']);
    expect(connect.mock.calls[1]?.[0].trust).toMatchObject({ compared: true });
  });

  it('sends nothing while the form lacks something, and says it beside the field', async () => {
    const { wizard, backend } = await toServer();
    const connect = vi.spyOn(backend, 'connect');
    wizard.form.address = ' ';
    wizard.form.port = '99999';
    await wizard.connect();
    expect(connect).not.toHaveBeenCalled();
    expect(Object.keys(wizard.form.errors)).toEqual(['address', 'port']);
  });

  it('forgets secrets once connected, and keeps them for another try', async () => {
    const { wizard } = await toServer({ connect: 'password' });
    wizard.form.signIn = 'password';
    wizard.form.password = 'secret';
    await wizard.connect({ kind: 'first', fingerprint: 'x', compared: false });
    expect(wizard.form.errors.password).toContain('did not accept');
    expect(wizard.form.password).toBe('secret');
    const ok = await toServer({ connect: 'ok' });
    ok.wizard.form.password = 'secret';
    await ok.wizard.connect();
    await at(ok.wizard, 'checked');
    expect([ok.wizard.form.password, ok.wizard.form.passphrase]).toEqual(['', '']);
  });

  it('replaces a changed key only with what the person typed', async () => {
    const { wizard, backend } = await toServer({ connect: 'changed' });
    const connect = vi.spyOn(backend, 'connect');
    await wizard.connect();
    expect(wizard.step.kind).toBe('changedKey');
    wizard.send({ kind: 'dialogClosed' });
    expect(wizard.step.kind).toBe('server');
    await wizard.connect();
    wizard.replaceKey('chat-01');
    await at(wizard, 'checked');
    expect(connect.mock.lastCall?.[0].trust).toMatchObject({ kind: 'replace', typed: 'chat-01' });
  });

  it('gives a server that does not answer a screen of its own', async () => {
    const { wizard } = await toServer({ connect: 'unreachable' });
    await wizard.connect();
    expect(wizard.step.kind).toBe('unreachable');
    wizard.back();
    expect(wizard.step.kind).toBe('server');
  });

  it('puts the question of a server to the person', async () => {
    const { wizard } = await toServer({ connect: 'prompt' });
    const done = wizard.connect({ kind: 'first', fingerprint: 'x', compared: false });
    await until(() => expect(wizard.prompt?.text).toBe('Verification code:'));
    wizard.answerPrompt('123456');
    await done;
    await at(wizard, 'checked');
  });
});

describe('checking', () => {
  it('asks for sudo when something was hidden, and checks again with it', async () => {
    const { wizard } = await toChecked({ hidden: 9 });
    await wizard.giveSudo('right', false);
    await at(wizard, 'checked');
    expect(wizard.check.checked?.hidden).toBe(0);
  });

  it('says when the password for sudo was wrong, and can be skipped', async () => {
    const { wizard } = await toChecked({ hidden: 9, sudo: 'wrong' });
    await wizard.giveSudo('wrong', false);
    expect(wizard.sudoError?.happened).toContain('sudo');
    expect(wizard.step.kind).toBe('sudo');
    wizard.skipSudo();
    expect(wizard.step.kind).toBe('checked');
  });

  it('keeps what was read when it is stopped', async () => {
    const { wizard } = await toServer({ connect: 'ok', hold: 11 });
    await wizard.connect();
    await until(() => expect(wizard.check.done).toBe(11));
    wizard.stop();
    await at(wizard, 'checked');
    expect(wizard.check.rows.filter((r) => r.finding)).toHaveLength(11);
    expect(wizard.check.rows.some((r) => r.verdict === 'checking')).toBe(false);
  });

  it.each([false, true])(
    'says that nobody knows whether a server is there when the backend says so: %s',
    async (unheard) => {
      const { wizard } = await toServer({ connect: 'ok', hold: 11, unheard });
      await wizard.connect();
      await until(() => expect(wizard.check.done).toBe(11));
      wizard.stop();
      await at(wizard, 'checked');
      expect(wizard.answers).toBe(!unheard);
      wizard.checkAgain();
      expect(wizard.answers).toBe(true);
    },
  );

  it('switches off what is advised off', async () => {
    const { wizard } = await toChecked();
    expect(wizard.on).not.toContain('postgres.work_mem');
    expect(wizard.on).toHaveLength(6);
    wizard.switchChange('postgres.work_mem', true);
    expect(wizard.on).toHaveLength(7);
  });
});

describe('changing', () => {
  it('applies what is on, asks, keeps, and shows the summary', async () => {
    const { wizard, backend } = await toChecked();
    const apply = vi.spyOn(backend, 'apply');
    wizard.switchChange('package.redis', false);
    wizard.seeChanges();
    wizard.apply();
    await at(wizard, 'keep');
    expect(apply.mock.calls[0]?.[1]).toEqual([
      'limits.files',
      'sysctl.buffers',
      'firewall.ports',
      'postgres.memory',
      'package.nginx',
    ]);
    wizard.keep();
    await at(wizard, 'summary');
    expect(wizard.kept).toHaveLength(5);
    expect(wizard.summary?.run).toBe('run-1');
  });

  it('counts as kept only what was made', async () => {
    const { wizard } = await toKeep({ apply: 'oneFails' });
    wizard.keep();
    await at(wizard, 'summary');
    expect(wizard.kept).not.toContain('limits.files');
    expect(wizard.kept).toHaveLength(wizard.run.made);
  });

  it('puts back on request', async () => {
    const { wizard } = await toKeep();
    wizard.putBack();
    await at(wizard, 'putBack');
    expect(wizard.kept).toEqual([]);
  });

  it('takes more time', async () => {
    const { wizard } = await toKeep({ left: 5 });
    await wizard.moreTime();
    expect(wizard.step).toMatchObject({ kind: 'keep', ask: { secondsLeft: 120 } });
  });

  it('has nothing left to ask when the time is over and nobody answers', async () => {
    const { wizard, backend } = await toKeep();
    const failure = {
      code: 'x',
      happened: 'chat-01 does not answer.',
      safe: '',
      next: '',
      field: '',
      reached: '',
      remedies: [],
      details: '',
    };
    vi.spyOn(backend, 'putBack').mockResolvedValue({ kind: 'refused', failure });
    wizard.putBack();
    await until(() => expect(wizard.failure?.code).toBe('x'));
    expect(wizard.step.kind).toBe('keep');
    wizard.timeUp();
    await at(wizard, 'tune');
    expect(wizard.failure?.code).toBe('x');
  });

  it('stops and puts everything back', async () => {
    const { wizard } = await toChecked({ apply: 'hang' });
    wizard.seeChanges();
    wizard.apply();
    await until(() => expect(wizard.run.current?.id).toBe('firewall.ports'));
    wizard.stop();
    await at(wizard, 'putBack');
  });

  it('says so when the server falls silent', async () => {
    const { wizard } = await toChecked({ apply: 'lost' });
    wizard.seeChanges();
    wizard.apply();
    await at(wizard, 'lost');
    expect(wizard.run.made).toBe(2);
  });

  it('goes back to the plan, with the reason, when it is refused', async () => {
    const { wizard } = await toChecked({ apply: 'refused' });
    wizard.seeChanges();
    wizard.apply();
    await at(wizard, 'tune');
    await until(() => expect(wizard.failure?.happened).toContain('Another Plumbline'));
  });

  it('tells of an undo what it costs, as the backend says', async () => {
    const { wizard } = await toKeep();
    wizard.keep();
    await at(wizard, 'summary');
    expect(wizard.undoable?.undoCosts).toBe(wizard.summary?.undoCosts);
    expect(wizard.undoable?.undoCosts).toBeGreaterThan(1);
  });

  it('sets a need aside, which then wants nobody, and takes it up again', async () => {
    const { wizard } = await toChecked();
    const row = () => wizard.check.rows.find((r) => isTodo(r) || r.finding?.waiver);
    const id = row()?.id ?? '';
    await wizard.setAside(id, { reason: 'another backup', name: 'Mara', days: 30 });
    const aside = wizard.check.rows.find((r) => r.id === id);
    expect(aside?.finding?.waiver).toMatchObject({ reason: 'another backup', name: 'Mara' });
    expect(aside && isTodo(aside)).toBe(false);
    await wizard.setAside(id, null);
    expect(wizard.check.rows.find((r) => r.id === id)?.finding?.waiver).toBeNull();
  });

  it('undoes under the same question', async () => {
    const { wizard } = await toKeep();
    wizard.keep();
    await at(wizard, 'summary');
    wizard.send({ kind: 'undoAsked' });
    wizard.undo();
    await until(() => expect(wizard.step).toMatchObject({ kind: 'keep', way: 'undo' }));
    wizard.keep();
    await at(wizard, 'summary');
    expect(wizard.kept).toEqual([]);
  });
});

describe('looking first', () => {
  it('compares with every role, then checks the one that was picked', async () => {
    const { wizard } = await begin({ connect: 'ok' });
    wizard.send({ kind: 'setUp' });
    wizard.send({ kind: 'lookFirst' });
    await until(() => expect(wizard.defaults).not.toBe(null));
    wizard.form.address = 'chat-01';
    await wizard.connect();
    await until(() => expect(wizard.fit?.length).toBe(11));
    wizard.pickFit('reforms/small');
    wizard.goWithFit();
    await at(wizard, 'checked');
    expect(wizard.roleLine).toBe('Reforms, small team');
  });
});

describe('the place', () => {
  it('is found again, and holds no secret', async () => {
    const { wizard, backend } = await toServer();
    wizard.form.password = 'secret';
    await wizard.connect();
    const place = await backend.place();
    expect(place).toContain('chat-01');
    expect(place).not.toMatch(/secret|correct horse/);
    const again = new Wizard(backend);
    await again.start();
    expect(again.step.kind).toBe('server');
    expect(again.form.address).toBe('chat-01');
    expect(again.choice.id).toBe(wizard.choice.id);
    expect(again.resumed).toBe(null);
  });

  it('says where one stood when that needs a connection again', async () => {
    const { wizard, backend } = await toChecked();
    wizard.seeChanges();
    const again = new Wizard(backend);
    await again.start();
    expect([again.step.kind, again.resumed]).toEqual(['server', 'tune']);
    again.form.passphrase = 'correct horse';
    await again.connect();
    await at(again, 'checked');
    expect(again.resumed).toBe(null);
  });

  it('keeps a server that is looked at first, and the name of a setup', async () => {
    const { wizard, backend } = await begin();
    wizard.send({ kind: 'setUp' });
    wizard.chooseProduct('reforms');
    wizard.setScale(800);
    wizard.choice.setup = 'Porto';
    wizard.send({ kind: 'lookFirst' });
    const again = new Wizard(backend);
    await again.start();
    expect(again.step).toEqual({ kind: 'server', order: 'serverFirst' });
    expect(again.choice.setup).toBe('Porto');
  });

  it.each(['', '{}', '[]', 'null', '{"version":2}', '{"version":1}', '{"version":1,"mark":"check","role":7}'])(
    'that cannot be read counts as none: %s',
    async (text) => {
      const backend = new Fake({ pace: 0 });
      await backend.savePlace(text);
      const wizard = new Wizard(backend);
      await wizard.start();
      expect([wizard.step.kind, wizard.trouble]).toEqual(['home', null]);
    },
  );
});

it('checks all servers again, and names those it could not', async () => {
  const { wizard, backend } = await begin({ home: 'full', connect: 'ok' });
  const connect = vi.spyOn(backend, 'connect');
  await wizard.checkAll();
  expect(connect.mock.calls.map(([ask]) => ask.signIn.kind)).toEqual(['saved', 'saved', 'saved', 'saved']);
  expect(wizard.notice).toBe('4 servers checked.');
  const other = await begin({ home: 'full', connect: 'unreachable' });
  await other.wizard.checkAll();
  expect(other.wizard.notice).toContain('Not reached: archive-2');
});

it('opens without saved servers when they cannot be read, and says so', async () => {
  const backend = new Fake({ pace: 0 });
  const failure = {
    code: 'x',
    happened: 'The list of servers cannot be read.',
    safe: '',
    next: '',
    field: '',
    reached: '',
    remedies: [],
    details: '',
  };
  vi.spyOn(backend, 'savedServers').mockRejectedValue(failure);
  const wizard = new Wizard(backend);
  await wizard.start();
  expect([wizard.ready, wizard.trouble, wizard.servers, wizard.failure?.code]).toEqual([true, null, [], 'x']);
  wizard.dismiss();
  expect(wizard.failure).toBe(null);
});

it('shows a refusal in words on the screen it belongs to', async () => {
  const { wizard, backend } = await begin();
  const failure = {
    code: 'x',
    happened: 'No folder for a log.',
    safe: '',
    next: '',
    field: '',
    reached: '',
    remedies: [],
    details: '',
  };
  vi.spyOn(backend, 'openLogFolder').mockRejectedValue(failure);
  wizard.openLogs();
  await until(() => expect(wizard.failure?.happened).toBe('No folder for a log.'));
  expect(wizard.trouble).toBe(null);
});

it('shows the last resort when the backend breaks its word', async () => {
  const { wizard, backend } = await toChecked();
  vi.spyOn(backend, 'summary').mockRejectedValue(new Error('no such command'));
  await wizard.seeSummary();
  expect(wizard.trouble).toContain('no such command');
});

it('keeps only the answer that was asked for last', async () => {
  const { wizard, backend } = await begin();
  wizard.send({ kind: 'setUp' });
  wizard.chooseProduct('dusk');
  wizard.chooseRole('dusk/prover');
  const slow = backend.roleNeeds;
  vi.spyOn(backend, 'roleNeeds').mockImplementation(async (role) => {
    if (role.endsWith('=2')) await new Promise((done) => setTimeout(done, 40));
    return slow(role);
  });
  wizard.setScale(2);
  wizard.setScale(9);
  await until(() => expect(wizard.needs?.role).toBe('dusk/prover?workers=9'));
  await new Promise((done) => setTimeout(done, 60));
  expect(wizard.needs?.role).toBe('dusk/prover?workers=9');
});

describe('what was', () => {
  it('asks about a run that waits before anything else, and takes it up', async () => {
    const { wizard, backend } = await toServer({ connect: 'ok', runs: 'open' });
    const takeUp = vi.spyOn(backend, 'takeUp');
    await wizard.connect();
    await at(wizard, 'openRun');
    wizard.takeUp();
    await at(wizard, 'keep');
    expect(takeUp.mock.calls[0]?.[1]).toBe('20261118-091500-a1b2c3');
    wizard.keep();
    await at(wizard, 'summary');
  });

  it('offers to undo what an earlier walk kept', async () => {
    const { wizard, backend } = await toChecked({ runs: 'kept' });
    await wizard.seeSummary();
    await until(() => expect(wizard.undoable?.at).toBe('18 November 2026, 09:15'));
    const undo = vi.spyOn(backend, 'undo');
    wizard.send({ kind: 'undoAsked' });
    wizard.undo();
    await at(wizard, 'keep');
    expect(undo.mock.calls[0]?.[1]).toBe('20261118-091500-a1b2c3');
  });

  it('shows what somebody edited since, and undoes with the answers', async () => {
    const { wizard, backend } = await toKeep({ edited: true });
    wizard.keep();
    await at(wizard, 'summary');
    const undo = vi.spyOn(backend, 'undo');
    wizard.send({ kind: 'undoAsked' });
    wizard.undo();
    await at(wizard, 'edited');
    wizard.undo({ leave: [1], overwrite: [2] });
    await at(wizard, 'keep');
    expect(undo.mock.calls.map(([, run, answers]) => [run, answers])).toEqual([
      ['run-1', { leave: [], overwrite: [] }],
      ['run-1', { leave: [1], overwrite: [2] }],
    ]);
  });

  it('reads the history of a server and compares two of its checks', async () => {
    const { wizard, backend } = await begin({ home: 'full' });
    const compare = vi.spyOn(backend, 'compareChecks');
    const server = wizard.servers[0];
    if (!server) throw new Error('no server is saved');
    wizard.send({ kind: 'history', server });
    await until(() => expect(wizard.past.history?.checks).toHaveLength(3));
    wizard.send({ kind: 'comparison', before: '2', now: '3' });
    await until(() => expect(wizard.past.compared?.needs).toHaveLength(1));
    expect(compare).toHaveBeenCalledWith(server.id, '2', '3');
    wizard.back();
    expect(wizard.step.kind).toBe('history');
    wizard.openServer(server);
    expect(wizard.step.kind).toBe('server');
  });
});

describe('practice', () => {
  it('is marked from the first step to the last, and no longer in the next walk', async () => {
    const { wizard } = await begin();
    wizard.practice();
    await at(wizard, 'fit');
    expect(wizard.practising).toBe(true);
    wizard.send({ kind: 'home' });
    expect(wizard.practising).toBe(false);
    wizard.send({ kind: 'setUp' });
    expect(wizard.practising).toBe(false);
  });
});

describe('a setup of several servers', () => {
  it('takes its name from the size, and joins the server to it before the check', async () => {
    const { wizard, backend } = await begin({ connect: 'ok' });
    const join = vi.spyOn(backend, 'joinSetup');
    wizard.send({ kind: 'setUp' });
    wizard.chooseProduct('reforms');
    wizard.setScale(800);
    expect(wizard.choice.setup).toBe('Reforms, Large');
    wizard.send({ kind: 'roleChosen' });
    await until(() => expect(wizard.defaults).not.toBe(null));
    wizard.form.address = 'app-1';
    await wizard.connect();
    await at(wizard, 'checked');
    expect(join).toHaveBeenCalledWith('s1', 'Reforms, Large');
  });
});
