import type {
  About,
  ApplyOutcome,
  ApplyReply,
  ApplyStep,
  Aside,
  Checked,
  CheckReply,
  CheckStep,
  Compared,
  ConnectAsk,
  ConnectDefaults,
  ConnectReply,
  ConnectStep,
  Failure,
  FitRow,
  History,
  KeyFile,
  PastRun,
  Measurable,
  MeasureReply,
  MeasureStep,
  Offer,
  RequirementsOpened,
  RoleNeeds,
  Saved,
  SavedServer,
  Settings,
  SetupOpened,
  StorageAsk,
  Summary,
  UndoAnswers,
} from './bindings';

/** A listener that gets each step of a running command, in order. */
export type On<T> = (step: T) => void;

/** All that the window can ask for. Made real by `commands.ts`, played by `fake.ts`; screens know neither. */
export interface Backend {
  products(): Promise<Offer>;
  /** A requirements file that a person chooses: kept, and used like the built-in ones. */
  openRequirements(): Promise<RequirementsOpened>;
  /** The same, from a file that was dropped on the window. */
  dropRequirements(name: string, text: string): Promise<RequirementsOpened>;
  forgetRequirements(name: string): Promise<Offer>;
  roleNeeds(role: string): Promise<RoleNeeds>;

  connectDefaults(): Promise<ConnectDefaults>;
  inspectKey(path: string): Promise<KeyFile>;
  pickKeyFile(): Promise<string | null>;
  connect(ask: ConnectAsk, on: On<ConnectStep>): Promise<ConnectReply>;
  thisComputer(on: On<ConnectStep>): Promise<ConnectReply>;
  openFacts(): Promise<ConnectReply>;
  /** What the probe said, from a file that was dropped on the window. */
  dropFacts(name: string, text: string): Promise<ConnectReply>;
  practice(): Promise<ConnectReply>;
  answer(id: number, text: string | null): Promise<void>;
  /** Stops whatever runs, within 2 seconds. */
  cancel(): Promise<void>;

  check(session: string, role: string, on: On<CheckStep>): Promise<CheckReply>;
  /** What could be measured for the role that was checked, each with its cost. */
  measurable(session: string): Promise<Measurable[]>;
  measure(session: string, what: string[], storage: StorageAsk | null, on: On<MeasureStep>): Promise<MeasureReply>;
  giveSudo(session: string, password: string, remember: boolean): Promise<Failure | null>;
  fit(session: string): Promise<FitRow[]>;

  apply(session: string, changes: string[], on: On<ApplyStep>): Promise<ApplyReply>;
  undo(session: string, run: string, answers: UndoAnswers, on: On<ApplyStep>): Promise<ApplyReply>;
  pastRuns(session: string): Promise<PastRun[]>;
  takeUp(session: string, run: string, on: On<ApplyStep>): Promise<ApplyReply>;
  joinSetup(session: string, setup: string): Promise<unknown>;
  keep(session: string): Promise<ApplyOutcome>;
  putBack(session: string): Promise<ApplyOutcome>;
  moreTime(session: string): Promise<ApplyReply>;

  summary(session: string): Promise<Summary>;
  answerQuestion(session: string, id: string, answer: string, name: string): Promise<Summary>;
  /** Sets a need aside, or takes it up again (null): the check as it stands then. */
  setAside(session: string, id: string, aside: Aside | null): Promise<Checked>;
  savePdf(session: string): Promise<Saved>;
  saveSetupReport(setup: string): Promise<Saved>;
  shareSetup(setup: string): Promise<Saved>;
  openSetup(): Promise<SetupOpened>;
  saveJson(session: string): Promise<Saved>;
  saveScript(session: string, changes: string[]): Promise<Saved>;
  savePlaybook(session: string): Promise<Saved>;
  copyDetails(session: string): Promise<string>;
  openLogFolder(): Promise<unknown>;
  saveDiagnostics(names: boolean): Promise<Saved>;

  savedServers(): Promise<SavedServer[]>;
  forgetServer(id: string): Promise<unknown>;
  history(id: string): Promise<History>;
  compareChecks(id: string, before: string, now: string): Promise<Compared>;
  about(): Promise<About>;
  openDataFolder(): Promise<unknown>;
  settings(): Promise<Settings>;
  setSettings(settings: Settings): Promise<unknown>;
  savePlace(json: string): Promise<void>;
  place(): Promise<string | null>;
}
