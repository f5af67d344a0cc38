/** The form of the connect screen. Secrets live here only between the field and the command, and are forgotten once connected. */
import type { ConnectAsk, ConnectDefaults, Failure, KeyFile, SavedServer, SshConfigHost, Trust } from '../ipc/bindings';
import { words } from '../words/en';

export type SignInKind = 'agent' | 'keyFile' | 'password' | 'saved';
export type FieldName = 'address' | 'port' | 'user' | 'password' | 'passphrase' | 'keyFile' | 'jump';

const fields: readonly string[] = ['address', 'port', 'user', 'password', 'passphrase', 'keyFile', 'jump'];

export class ConnectForm {
  where = $state<'ssh' | 'local'>('ssh');
  address = $state('');
  port = $state('22');
  user = $state('');
  signIn = $state<SignInKind>('agent');
  keyPath = $state('');
  passphrase = $state('');
  password = $state('');
  remember = $state(false);
  jump = $state('');
  limit = $state(10);
  more = $state(false);
  key = $state<KeyFile | null>(null);
  errors = $state<Partial<Record<FieldName, string>>>({});
  /** What the last try came to, where it belongs to no field. */
  failure = $state<Failure | null>(null);
  #failedOnce = $state(false);

  /** Whether a try was refused: the button then says so. */
  get retry(): boolean {
    return this.#failedOnce;
  }
  /** Whether the key in the field is known to need no passphrase; one that was not looked at yet may need one. */
  get keyIsOpen(): boolean {
    return this.key?.locked === false && this.key.path === this.keyPath.trim();
  }
  get keychain(): boolean {
    return this.#keychain;
  }
  #keychain = $state(false);

  fill(defaults: ConnectDefaults) {
    this.#keychain = defaults.keychain.kind === 'ready';
    if (this.user === '') this.user = defaults.user;
    if (this.keyPath === '' && defaults.keyFiles[0]) {
      this.keyPath = defaults.keyFiles[0].path;
      this.key = defaults.keyFiles[0];
    }
    if (defaults.agent.kind !== 'holds' && this.signIn === 'agent')
      this.signIn = defaults.keyFiles.length > 0 ? 'keyFile' : 'password';
    if (!this.#keychain) this.remember = false;
  }

  takeHost(host: SshConfigHost) {
    this.address = host.name;
    this.port = String(host.port);
    if (host.user !== null) this.user = host.user;
    if (host.keyFile !== null) {
      this.signIn = 'keyFile';
      this.keyPath = host.keyFile;
    }
    this.jump = host.jump ?? '';
    this.errors = {};
  }

  takeSaved(server: SavedServer) {
    this.where = 'ssh';
    this.address = server.address;
    this.port = String(server.port);
    this.user = server.user;
    this.signIn = 'saved';
    this.errors = {};
    this.failure = null;
    this.#failedOnce = false;
  }

  /** `mara@chat-01:2222` fills three fields. An IPv6 address keeps its colons unless it stands in brackets. */
  takeApart() {
    const parts = /^(?:([^@\s]+)@)?(\[[^\]]+\]|[^:\s]+)(?::(\d{1,5}))?$/.exec(this.address.trim());
    const [, user, host, port] = parts ?? [];
    if (host === undefined) return;
    this.address = host.replace(/^\[(.*)\]$/, '$1');
    if (user !== undefined) this.user = user;
    if (port !== undefined) this.port = port;
  }

  /** Whether the form can be sent; says beside each field what lacks. */
  complete(): boolean {
    this.takeApart();
    const w = words.connect;
    const errors: Partial<Record<FieldName, string>> = {};
    const port = Number(this.port);
    if (this.address.trim() === '') errors.address = w.needAddress;
    if (!Number.isInteger(port) || port < 1 || port > 65535) errors.port = w.needPort;
    if (this.user.trim() === '') errors.user = w.needUser;
    if (this.signIn === 'password' && this.password === '') errors.password = w.needPassword;
    if (this.signIn === 'keyFile' && this.keyPath.trim() === '') errors.keyFile = w.needKey;
    this.errors = errors;
    this.failure = null;
    return Object.keys(errors).length === 0;
  }

  ask(trust: Trust): ConnectAsk {
    return {
      address: this.address.trim(),
      port: Number(this.port),
      user: this.user.trim(),
      signIn:
        this.signIn === 'keyFile'
          ? {
              kind: 'keyFile',
              path: this.keyPath.trim(),
              passphrase: this.keyIsOpen || this.passphrase === '' ? null : this.passphrase,
            }
          : this.signIn === 'password'
            ? { kind: 'password', password: this.password }
            : { kind: this.signIn },
      remember: this.remember,
      jump: this.jump.trim() === '' ? null : this.jump.trim(),
      timeLimitSeconds: this.limit,
      trust,
    };
  }

  /** Puts a failure where it was caused: beside its field, else above the form. */
  refuse(failure: Failure) {
    this.#failedOnce = true;
    this.failure = failure;
    this.errors = {};
    if (fields.includes(failure.field)) {
      const field = failure.field as FieldName;
      // The field must be there to say something beside it.
      if (field === 'password') this.signIn = 'password';
      if (field === 'passphrase' || field === 'keyFile') this.signIn = 'keyFile';
      if (field === 'passphrase' && this.key) this.key = { ...this.key, locked: true };
      this.errors = { [field]: failure.happened };
      if (field === 'jump') this.more = true;
    }
  }

  /** Going on: secrets are dropped, the rest is kept for the way back. */
  forget() {
    this.password = '';
    this.passphrase = '';
    this.errors = {};
    this.failure = null;
    this.#failedOnce = false;
  }
}
