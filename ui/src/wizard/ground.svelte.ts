/** What a walk stands on: where the person is, what the screens show, and what went wrong. Screens read it; only the walk writes. */
import type {
  About,
  ConnectDefaults,
  Failure,
  FitRow,
  RequirementsFile,
  RoleNeeds,
  SavedServer,
  ServerHead,
  Settings,
  Summary,
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
import { isOutside, type Mark, type Step, type StepEvent } from './step';

export type Prompt = { id: number; text: string; echo: boolean };

/** Failures after which nobody knows whether the server is still there. */
const cut = ['connection-lost', 'no-sign-of-life', 'stopped_unheard'];

export abstract class Ground {
  readonly choice = new Choice();
  readonly form = new ConnectForm();
  readonly check = new Check();
  readonly measuring = new Measuring();
  readonly run = new Run();
  readonly past: Past;

  protected backend: Backend;
  protected now: () => number;
  step = $state<Step>({ kind: 'home' });
  /** Whether the first answers of the backend have come. */
  ready = $state(false);
  /** Text of an error nobody expected; the last resort. */
  trouble = $state<string | null>(null);
  /** What this installation is; null until it was asked. */
  about = $state<About | null>(null);
  settings = $state<Settings>({ theme: 'system', safetyMinutes: 2, shortcuts: true, explain: false, logOpen: false });
  servers = $state<SavedServer[]>([]);
  /** Requirement files that were opened on this computer. */
  files = $state<RequirementsFile[]>([]);
  /** A requirements file that was not taken, and what is wrong with it. */
  refused = $state<{ failure: Failure; problems: string[] } | null>(null);
  defaults = $state<ConnectDefaults | null>(null);
  needs = $state<RoleNeeds | null>(null);
  server = $state<ServerHead | null>(null);
  protected stood = $state<Mark | null>(null);
  /** What is being done to connect, in words; null when nothing is. */
  connecting = $state<string | null>(null);
  prompt = $state<Prompt | null>(null);
  stopping = $state(false);
  sudoError = $state<Failure | null>(null);
  fit = $state<FitRow[] | null>(null);
  fitRole = $state<string | null>(null);
  protected off = $state<string[]>([]);
  kept = $state<string[]>([]);
  /** The change a link wants opened on the next screen. */
  seen = $state<string | null>(null);
  deciding = $state(false);
  checkingAll = $state(false);
  summary = $state<Summary | null>(null);
  /** Whether the last check was stopped while the server was silent. */
  protected unheard = $state(false);
  /** A short word for the footer, such as where a file was saved. */
  notice = $state('');
  /** What a command on this screen came to, when it was refused. */
  failure = $state<Failure | null>(null);

  constructor(backend: Backend, now: () => number = () => Date.now()) {
    this.backend = backend;
    this.past = new Past(backend);
    this.now = now;
  }

  /** Whether this walk goes over recorded readings, which every screen then says. */
  get practising(): boolean {
    return !isOutside(this.step) && this.server?.practice === true;
  }
  /** Where a reopened window had stood, when that needs a connection again; null once there is one. */
  get resumed(): Mark | null {
    return this.stood === 'check' || this.stood === 'tune' ? this.stood : null;
  }
  /** Whether the server was there when we last listened. */
  get answers(): boolean {
    return !this.unheard && !(this.failure !== null && cut.includes(this.failure.code));
  }
  /** Ids of the changes that are switched on, in the order of the plan. */
  get on(): string[] {
    return (this.check.checked?.plan.changes ?? []).map((c) => c.id).filter((id) => !this.off.includes(id));
  }
  /** "Reforms, small team". */
  get roleLine(): string {
    const { product, role } = this.choice;
    if (!product) return '';
    if (!role) return product.title;
    return words.rail.roleLine(product.title, role.title);
  }

  /** Sends an event to where it leads. */
  abstract send(event: StepEvent): void;

  // ---- errors

  dismiss() {
    this.failure = null;
  }

  /** The answer, or what stands in for it when there is none; the failure is shown. */
  protected async otherwise<T>(answer: Promise<T>, instead: T): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (!isFailure(error)) throw error;
      this.failure = error;
      return instead;
    }
  }

  protected go(work: Promise<unknown>) {
    void this.guard(() => work);
  }

  protected async guard(work: () => Promise<unknown>) {
    try {
      await work();
    } catch (error) {
      if (isFailure(error) && this.ready) this.failure = error;
      else if (isFailure(error)) this.trouble = [error.happened, error.next, error.details].join(' ');
      else this.trouble = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
  }
}
