import { beforeEach, describe, expect, it } from 'vitest';
import type { Failure } from '../ipc/bindings';
import { Fake, wrongPassword } from '../ipc/fake';
import { ConnectForm } from './connect.svelte';

let form: ConnectForm;
beforeEach(async () => {
  form = new ConnectForm();
  form.fill(await new Fake().connectDefaults());
});

const failure = (field: string): Failure => ({ ...wrongPassword.failure, field });

describe('the address', () => {
  it.each([
    ['chat-01', 'chat-01', '22', 'deploy'],
    ['mara@chat-01', 'chat-01', '22', 'mara'],
    ['mara@chat-01:2222', 'chat-01', '2222', 'mara'],
    ['203.0.113.24:2222', '203.0.113.24', '2222', 'deploy'],
    ['[2001:db8::7]:2222', '2001:db8::7', '2222', 'deploy'],
    ['2001:db8::7', '2001:db8::7', '22', 'deploy'],
    ['  chat-01  ', 'chat-01', '22', 'deploy'],
  ])('%s', (typed, address, port, user) => {
    form.address = typed;
    form.complete();
    expect([form.ask({ kind: 'knownOnly' }).address, form.port, form.user]).toEqual([address, port, user]);
  });
});

describe('the way to sign in', () => {
  it('starts with a key file where the agent holds nothing', () => expect(form.signIn).toBe('keyFile'));

  it('sends no passphrase for a key that has none', () => {
    form.passphrase = 'left over';
    form.keyPath = '~/.ssh/id_open';
    form.key = { path: '~/.ssh/id_open', keyType: 'Ed25519', locked: false, problem: null };
    expect(form.ask({ kind: 'knownOnly' }).signIn).toMatchObject({ kind: 'keyFile', passphrase: null });
    // Another path was typed, and nobody looked at that key yet: it may be locked.
    form.keyPath = '~/keys/other';
    expect(form.ask({ kind: 'knownOnly' }).signIn).toMatchObject({ kind: 'keyFile', passphrase: 'left over' });
  });

  it('sends a password only when signing in with one', () => {
    form.password = 'secret';
    expect(JSON.stringify(form.ask({ kind: 'knownOnly' }))).not.toContain('secret');
    form.signIn = 'password';
    expect(form.ask({ kind: 'knownOnly' }).signIn).toEqual({ kind: 'password', password: 'secret' });
  });
});

describe('a failure', () => {
  it('shows the field that caused it', () => {
    form.signIn = 'saved';
    form.refuse(failure('password'));
    expect([form.signIn, form.errors.password]).toEqual(['password', wrongPassword.failure.happened]);
    form.signIn = 'saved';
    form.refuse(failure('passphrase'));
    expect(form.signIn).toBe('keyFile');
    form.refuse(failure('jump'));
    expect(form.more).toBe(true);
  });

  it('stands above the form when no field caused it', () => {
    form.refuse(failure(''));
    expect(form.errors).toEqual({});
    expect(form.failure?.happened).toBe(wrongPassword.failure.happened);
  });
});

it('never remembers without a keychain', async () => {
  const none = new ConnectForm();
  none.remember = true;
  none.fill(await new Fake({ keychain: 'none' }).connectDefaults());
  expect([none.keychain, none.remember]).toEqual([false, false]);
});
