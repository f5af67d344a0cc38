/** Every sentence the window owns. What a server is, has or needs is said by the backend and never here. */

/** Numbers and times of this language. */
const locale = 'en-GB';

/** "1,024". */
export function numeral(n: number): string {
  return n.toLocaleString(locale);
}

/** "14:31:08". */
export function timeOfDay(milliseconds: number): string {
  return new Date(milliseconds).toLocaleTimeString(locale);
}

/** "20 November 2026", of a day written as `2026-11-20`. */
export function dayOf(day: string): string {
  const at = new Date(`${day}T12:00:00`);
  return at.toLocaleDateString(locale, { day: 'numeric', month: 'long', year: 'numeric' });
}

const small = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];

/** A number as a word up to twelve, then in digits. */
export function spelled(n: number): string {
  return small[n] ?? numeral(n);
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "1 need", "4 needs". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${numeral(n)} ${n === 1 ? one : many}`;
}

/** "1:24". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** "About 12 seconds", "About a minute", "About 3 minutes". */
export function about(seconds: number): string {
  if (seconds < 45) return `About ${counted(Math.max(1, Math.round(seconds)), 'second')}`;
  if (seconds < 90) return 'About a minute';
  return `About ${Math.round(seconds / 60)} minutes`;
}

export const words = {
  app: 'Plumbline',
  back: 'Back',
  cancel: 'Cancel',
  close: 'Close',
  copy: 'Copy',
  copied: 'Copied',
  copyDetails: 'Copy details',
  continue: 'Continue',
  stop: 'Stop',
  tryAgain: 'Try again',
  show: 'Show what you type',
  hide: 'Hide what you type',

  areas: {
    hardware: 'Hardware',
    system: 'System',
    software: 'Software',
    network: 'Network',
    storage: 'Storage',
    security: 'Security',
    monitoring: 'Monitoring',
    upkeep: 'Backup & upkeep',
  } as Record<string, string>,

  verdicts: {
    met: 'Met',
    short: 'Short',
    missing: 'Missing',
    could_not_tell: 'Could not tell',
    you_confirm: 'You confirm',
    not_applicable: 'Not needed',
    checking: 'Checking',
    waiting: 'Waiting',
    change: 'Can be put right',
    none: 'Nothing needed',
  },

  rail: {
    progress: 'Progress',
    places: 'Places',
    role: 'Role',
    server: 'Server',
    check: 'Check',
    tune: 'Tune',
    summary: 'Summary',
    home: 'Servers',
    products: 'Products',
    settings: 'Settings',
    quiet: 'Nothing runs in the background, and nothing leaves this computer.',
    connected: (ms: number | null) => (ms === null ? 'Connected' : `Connected, ${Math.round(ms)} ms`),
    noContact: (seconds: number) => `No contact for ${Math.round(seconds)} s`,
    /** Practice: there is no server to be connected to. */
    recorded: 'Not connected',
    /** Readings that somebody carried here: nobody is called. */
    carried: 'Not connected',
    /** It was silent when we last listened; whether it is there nobody knows. */
    unheard: 'No answer last time',
    checked: (met: number, todo: number) => (todo === 0 ? `${met} met` : `${met} met, ${todo} to fix`),
    made: (done: number, all: number) => `${done} of ${counted(all, 'change')} made`,
    kept: (n: number) => `${counted(n, 'change')} kept`,
    putBack: 'Put back',
    /** The first word of the product is its name; the role follows in small letters. */
    roleLine: (product: string, role: string) =>
      `${product.split(' ')[0]}, ${role.charAt(0).toLowerCase()}${role.slice(1)}`,
  },

  home: {
    title: 'Servers',
    setUp: 'Set up a server',
    lead: (ready: number, all: number) => {
      if (all === 1) return ready === 1 ? 'Your server is ready.' : 'Your server wants a look.';
      if (ready === all) return `All ${spelled(all)} servers are ready.`;
      const rest = all - ready;
      const others =
        ready === 0 ? '' : rest === 1 ? ' The other one wants a look.' : ` The other ${spelled(rest)} want a look.`;
      if (ready === 0) return `None of your ${spelled(all)} servers is ready yet.`;
      return `${capital(spelled(ready))} of your ${spelled(all)} servers ${ready === 1 ? 'is' : 'are'} ready.${others}`;
    },
    columns: { server: 'Server', role: 'Role', status: 'Status', last: 'Last check' },
    history: (name: string) => `Earlier checks of ${name}`,
    report: 'Save one report for all…',
    share: 'Share as a file…',
    openSetup: 'Open a shared setup…',
    setupOpened: (setup: string, servers: number) =>
      `${setup} is here, with ${counted(servers, 'server')}. Each asks you to sign in when you check it.`,
    group: (ready: number, all: number) => `${ready} of ${counted(all, 'server')} ready`,
    forget: (name: string) => `Forget ${name}`,
    forgetTitle: (name: string) => `Forget ${name}?`,
    forgetText: 'Plumbline forgets its address, its role and what it found. Nothing changes on the server.',
    forgetDo: 'Forget it',
    forgetKeep: 'Keep it',
    note: 'About 20 seconds each. Reads only.',
    checkAll: 'Check all again',
    checking: (name: string, at: number, all: number) => `Checking ${name}, ${at} of ${all}`,
    checkedAll: (n: number, missed: string[]) =>
      missed.length === 0
        ? `${counted(n, 'server')} checked.`
        : `${counted(n - missed.length, 'server')} checked. Not reached: ${missed.join(', ')}.`,
    roleGone: (name: string, role: string) =>
      [
        `${name} was checked for ${role}, and the requirements file of that role is not on this computer.`,
        'Open that file again where a server is set up, or look at the server first and choose another role.',
      ] as const,
    practice: 'Practise on a recorded server',
    openFacts: 'Open or drop a saved reading…',
    empty: {
      title: 'Let’s get your first server ready',
      lead: 'Plumbline compares a Linux server with what a role needs, shows you what is missing, and can put most of it right.',
      steps: [
        ['Choose a role', 'What should the server become? For example a Dusk prover, or a messenger for 24 people.'],
        ['Check the server', 'Plumbline signs in over SSH and reads. It changes nothing.'],
        [
          'Bring it true',
          'You see every change before it is made. If contact is lost, the server puts everything back by itself.',
        ],
      ] as [string, string][],
      hint: 'You need its address and a way to sign in. About 10 minutes.',
      noServer: ['No server yet? ', 'See what each role needs', ' before you rent one.'] as [string, string, string],
      practice: ['Only looking? ', 'Practise on a recorded server', '. It is not a real one.'] as [
        string,
        string,
        string,
      ],
    },
  },

  product: {
    title: 'What should this server run?',
    lead: 'Choose the product first. The next screen asks for the role.',
    note: 'Use the arrow keys, then Enter.',
    notSure: 'Not sure?',
    notSureText: (roles: number) => `Look at the server first and see which of the ${roles} roles it can carry.`,
    lookFirst: 'Look at a server first',
    list: 'Products',
    other: 'Something else?',
    otherText: 'Open a requirements file that someone gave you.',
    openFile: 'Open file…',
    files: 'Requirements files on this computer',
    brings: (file: { title: string; adds: boolean; roles: number; needs: number; changes: number }) => {
      const changes = file.changes > 0 ? ` and ${counted(file.changes, 'change')}` : '';
      if (file.adds) return `adds ${counted(file.needs, 'need')}${changes} to ${file.title}`;
      return `${file.title}: ${counted(file.roles, 'role')} with ${counted(file.needs, 'need')}${changes}`;
    },
    unusable: 'cannot be used now',
    forget: 'Forget',
    forgetFile: (name: string) => `Forget ${name}`,
    opened: (name: string) => `${name} is here. What it brings stands in the list above.`,
    mend: 'What to mend',
  },

  role: {
    title: (product: string) => `What should it do for ${product}?`,
    lead: 'The needs on the right follow your choice.',
    usersTitle: 'How many people will use it?',
    usersLead: (product: string) => `We pick the size ${product} publishes for that many.`,
    roles: 'Roles',
    workers: 'Workers in parallel',
    users: 'Users',
    notSure: 'Not sure?',
    notSureText: 'Look at the server first and see which roles it can carry.',
    lookFirst: 'Look first',
    source: 'Source',
    /** The head of the column: "A prover with 6 workers needs", "Small team, 24 users: what it needs". */
    needs: (title: string, role: string, workers: number | null) =>
      workers === null
        ? `${title}: what it needs`
        : `${article(role)} ${role.toLowerCase()} with ${counted(workers, 'worker')} needs`,
    upTo: (max: number) => `up to ${numeral(max)}`,
    between: (min: number, max: number) => `${numeral(min)} to ${numeral(max)}`,
    from: (min: number) => `${numeral(min)} and up`,
    servers: (size: string, n: number) => `${size} needs several servers, of ${spelled(n)} kinds`,
    which: 'Plumbline readies them one at a time. Which one is this?',
    whichLabel: 'Which one is this?',
    setup: 'Name of the whole setup',
    setupHint: 'Its servers stand together on the first screen and share one report.',
    more: 'More choices',
    moreText: 'They change what is needed. The usual answers are chosen.',
    loading: 'Working out the needs',
  },

  connect: {
    title: 'Which server?',
    lead: 'Enter its address, or pick one you have used before.',
    resumed: (step: string) => `You were at “${step}” when the window closed.`,
    resumedText:
      'Connect again, and Plumbline looks at the server anew. Changes that still wait for your answer are found.',
    where: 'Where it is',
    ssh: 'A server, over SSH',
    local: 'This computer',
    server: 'Server',
    placeholder: 'Name or address',
    port: 'Port',
    user: 'User name',
    userHint: 'Needs sudo for some checks and for every change. Plumbline asks only when it gets there.',
    signIn: 'Sign in with',
    agent: 'SSH agent',
    keyFile: 'Key file',
    password: 'Password',
    saved: 'As last time',
    passphrase: 'Passphrase',
    pickKey: 'Choose a key file',
    agentState: {
      none: 'No agent is running on this computer.',
      empty: 'Your agent is running, but holds no keys.',
      locked: 'Your agent is locked.',
      holds: (keys: number) => `Your agent holds ${counted(keys, 'key')}.`,
    },
    remember: (what: string) => [`Remember the ${what} in `, 'this computer’s keychain'] as [string, string],
    noKeychain: 'This computer has no keychain that Plumbline can use, so secrets are kept for this session only.',
    lockedKeychain: 'This computer’s keychain is locked, so secrets are kept for this session only.',
    more: 'More',
    moreLong: 'More: connect through another server (jump host), time limit',
    jump: 'Connect through another server',
    jumpAside: '(jump host)',
    jumpHint: 'It passes the connection on. It cannot read it.',
    limit: 'Give up after',
    seconds: (n: number) => counted(n, 'second'),
    next: 'What happens now',
    nextFirst: 'The first time, you confirm that this is really your server.',
    nextRead: 'Plumbline reads about 40 things. It changes nothing.',
    nextDecide: 'You decide what to change, on the screen after that.',
    direct: 'Everything goes straight from this computer to the server. There is no Plumbline account and no cloud.',
    go: 'Connect',
    goLocal: 'Check this computer',
    menuSaved: 'Servers in Plumbline',
    menuConfig: 'From your SSH config',
    menu: 'Servers you have used',
    via: (jump: string) => ` via ${jump}`,
    unread: (n: number) =>
      `${counted(n, 'line')} of your SSH config ${n === 1 ? 'was' : 'were'} not understood and left out.`,
    reaching: (host: string) => `Reaching ${host}`,
    connecting: 'Connecting',
    needAddress: 'Enter a name or an address.',
    needPort: 'A port is a number from 1 to 65535.',
    needUser: 'Enter the user name to sign in with.',
    needPassword: 'Enter the password.',
    needKey: 'Choose a key file.',
    local_: {
      name: 'Name',
      system: 'System',
      hardware: 'Hardware',
      cores: (n: number) => counted(n, 'core'),
      banner: 'Use this when Plumbline runs on the server itself.',
      text: 'On a laptop you would be checking the laptop. Ports cannot be tested from outside this way; those needs become “could not tell”.',
      notLinux: 'Only Linux computers can be checked this way.',
    },
    promptTitle: (host: string) => `${host} asks`,
    promptText: 'The server put this question, in its own words:',
    promptAnswer: 'Your answer',
    promptGo: 'Answer',
  },

  firstContact: {
    title: 'Is this really your server?',
    text: (host: string) =>
      [
        'This computer has not met ',
        host,
        ' before. Every server has a fingerprint of its own. Compare it once, and Plumbline recognises the server from then on.',
      ] as [string, string, string],
    shows: (type: string) => `Fingerprint the server shows, SHA256, ${type} key`,
    given: 'Fingerprint you were given',
    givenAside: '— paste it and we compare',
    eye: (groups: number) => `Comparing by eye? Check all ${spelled(groups)} groups.`,
    same: (n: number) => `The same, all ${n} characters.`,
    different: (group: number) => `Different from the ${ordinal(group)} group on. Do not connect.`,
    unreadable: 'This is not a SHA256 fingerprint. It has 43 letters and digits, often after “SHA256:”.',
    partial: (n: number) => `So far the same. ${counted(n, 'character')} to go.`,
    where: 'Where do I find it?',
    whereText: 'In your provider’s console, or ask whoever set the server up.',
    whereHow: 'Open the console in your provider’s web page, sign in there, and run:',
    without: 'Connect without comparing',
    matches: 'It matches, connect',
  },

  changedKey: {
    title: 'This is not the server you met before',
    text: (host: string, name: string) =>
      [
        'Something at ',
        host,
        ` answers${name === host ? '' : ` as ${name}`}, but with a different fingerprint. Plumbline stopped. It has sent no password and no key.`,
      ] as [string, string, string],
    trusted: (since: string) => (/^\d/.test(since) ? `You trusted, on ${since}` : `You trusted, ${since}`),
    now: 'It shows now',
    harmless: 'The harmless reason',
    harmlessText: 'The server was reinstalled, or the address has a new owner.',
    other: 'The other reason',
    otherText: 'Someone between you and the server is answering in its place.',
    todo: 'What to do',
    todoText: (name: string, since: string) => {
      const month = /^\d+ (\w+) \d{4}$/.exec(since)?.[1];
      return `Ask the person or provider who runs it: “Was ${name} reinstalled ${month === undefined ? 'lately' : `since ${month}`}?”`;
    },
    know: 'I know why it changed…',
    stay: 'Don’t connect',
    proofTitle: 'Then show that you know',
    proof: (name: string) => `Paste the new fingerprint you were given, or type the server’s name: ${name}`,
    proofLabel: 'New fingerprint, or the server’s name',
    replace: 'Replace the saved key',
    notYet: 'Neither the new fingerprint nor the name yet.',
  },

  unreachable: {
    title: (name: string) => `${name} does not answer`,
    hops: { here: 'This computer', port: (port: number) => `Port ${port}`, signIn: 'Sign-in' },
    states: {
      online: 'online',
      nameUnknown: 'no such name',
      nameKnown: 'the address exists',
      silent: (seconds: number) => `no answer in ${counted(seconds, 'second')}`,
      refused: 'nothing answers here',
      answers: 'answers',
      notSsh: 'answers, but not as SSH',
      mute: (seconds: number) => `takes the call and is silent for ${counted(seconds, 'second')}`,
      hangsUp: 'takes the call and hangs up',
      notReached: 'not reached',
      stopped: 'stopped here',
    },
    path: 'How far we got',
    helps: 'What usually helps',
    change: 'Change the address',
  },

  measure: {
    title: (name: string) => `Measure ${name}`,
    running: 'Measuring',
    done: (name: string) => `Measured ${name}`,
    lead: 'Optional tests. They change nothing, and you can stop at any time.',
    rows: 'Measurements',
    choose: (title: string) => `Measure: ${title}`,
    before: (figures: string) => `Last time: ${figures}`,
    needed: 'Needed:',
    portsOf: (done: number, all: number) => `${done} of ${all}`,
    spread: '10 spread over the range',
    udp: 'UDP sends no receipt, so a UDP port counts as open only if the server tells us our packet arrived.',
    blocked: 'The firewall still closes some of these ports. Plumbline can open them in the next step.',
    outside: 'Some of these ports are closed before the server. Below each stands where to open it.',
    notMeasured: 'Not measured.',
    start: 'Measure',
    again: 'Measure again',
    nothing: 'Choose at least one.',
    stop: 'Stop measuring',
    stopping: 'Stopping. What was measured stays.',
    left: (seconds: number) =>
      seconds < 10 ? 'A few seconds left.' : `About ${counted(Math.round(seconds / 10) * 10, 'second')} left.`,
    meanwhile: 'You can go on meanwhile.',
    back: 'Back to the check',
    storage: {
      address: 'Address of the storage',
      addressHint: 'https://HOST/BUCKET, with ?region=REGION where it wants one',
      keyId: 'Key ID, if you have one',
      secret: 'Its secret',
      hint: 'It signs requests from this computer and is kept nowhere.',
    },
  },
  check: {
    title: (name: string) => `Checking ${name}`,
    lead: (role: string) => `It changes nothing. A bar that reaches the line is enough for ${role}.`,
    columns: { need: 'Need', has: 'Server has', needed: 'Needed', verdict: 'Verdict' },
    list: 'Needs',
    of: (done: number, total: number) => `${done} of ${total}`,
    tally: {
      met: 'met',
      short: 'short',
      missing: 'missing',
      youConfirm: 'for you to confirm',
      couldNotTell: 'could not tell',
      waived: 'set aside',
    },
    live: (done: number, total: number, met: number, short: number, missing: number) =>
      `${done} of ${total}, ${met} met, ${short} short${missing > 0 ? `, ${missing} missing` : ''}`,
    reading: (what: string) => `Reading ${what}.`,
    left: (seconds: number) => ` ${about(seconds)} left.`,
    stopping: 'Stopping. What was read stays.',
    seeChanges: 'See what to change',
    seeSummary: 'See the summary',
    again: 'Check again',
    measure: 'Measure speed and ports…',
    filter: 'Show',
    all: 'All',
    todo: 'To do',
    allMet: (n: number) => (n === 1 ? 'Met' : `All ${n} met`),
    allMetSmall: (n: number) => (n === 1 ? 'met' : `all ${n} met`),
    someMet: (met: number, all: number) => `${met} of ${all} met`,
    needs: (n: number) => counted(n, 'need'),
    readingArea: 'reading',
    nothingTodo: 'Nothing is left to do here.',
    showAll: 'Show all needs',
    why: 'Why it matters',
    how: 'How it can be put right',
    howNone: 'Nothing needs to be put right.',
    howChange: 'Plumbline can put this right.',
    parts: 'In detail',
    asked: 'What we asked, and what it said',
    askedNothing: 'Nothing was read for this.',
    noOutput: '(no output)',
    exit: (code: number) => `exit ${code}`,
    arithmetic: 'How the figure comes about',
    maintained: 'Support',
    seeChange: 'See the change',
    from: (source: string) => `Needed value from the ${source}.`,
    open: 'Copy the address of the source',
    /** Said between what is seen in columns. */
    rowHas: 'server has ',
    rowNeeds: 'needed ',
    refusedTitle: (name: string) => `The check of ${name} stopped`,
    waived: 'Set aside by a person',
  },

  sudo: {
    title: (name: string) => `${name} asks for a password`,
    text: (hidden: number, all: number, user: string) =>
      [
        `${hidden} of the ${all} checks read things that only an administrator may see, such as firewall rules. For that, the server wants the password of `,
        user,
        '.',
      ] as [string, string, string],
    label: 'Password for sudo',
    remember: 'Remember it in this computer’s keychain',
    hint: 'Otherwise it is forgotten when you close this window. It goes to sudo only; it is never part of a command or a log.',
    skip: (n: number) => `Skip ${n === 1 ? 'this check' : `these ${n} checks`}`,
    need: 'Enter the password, or skip.',
  },

  tune: {
    banner: (minutes: number) =>
      `If this app loses contact, the server puts everything back by itself in ${counted(minutes, 'minute')}.`,
    bannerText: 'The timer runs on the server. It is set before the first change and ends only when you say “Keep”.',
    carried: {
      title: 'This server was read from a file, so the changes are made there and not from here.',
      text: 'Save them as a script, take it to the server and run it as root. It says what it would do, sets the same safety timer, and can undo it all. Save what “report” prints there and open it here: it goes into your report.',
    },
    group: (changes: number, needs: number) => `${counted(changes, 'change')}, ${counted(needs, 'need')}`,
    groupOnly: (changes: number) => counted(changes, 'change'),
    risk: { low: 'Low risk', medium: 'Medium risk', high: 'High risk' } as Record<string, string>,
    /** A change that settles no need brings a part of one. */
    needs: (n: number) => (n === 0 ? 'in part' : counted(n, 'need')),
    newFile: (lines: number) => `new file, ${counted(lines, 'line')}`,
    changedFile: (lines: number) => `${counted(lines, 'line')} ${lines === 1 ? 'changes' : 'change'}`,
    now: (value: string) => `now ${value}`,
    running: 'The running system',
    undo: 'To undo:',
    on: (on: number, all: number, seconds: number) => `${on} of ${all} on.${on === 0 ? '' : ` ${about(seconds)}.`}`,
    noneOn: 'Switch on at least one change, or go on to the summary.',
    endsMeasuring: 'Still measuring; Apply ends it.',
    save: 'Save as script…',
    apply: (n: number) => (n === 0 ? 'Apply' : `Apply ${counted(n, 'change')}`),
    details: (title: string) => `What exactly: ${title}`,
    switch: (title: string) => title,
    nothingTitle: 'There is nothing to change from here',
    left: 'Left for you',
    list: 'Changes',
    added: 'added',
    removed: 'removed',
  },

  apply: {
    title: (name: string) => `Bringing ${name} true`,
    undoTitle: (name: string) => `Putting ${name} back`,
    lead: (seconds: number) => `${about(seconds)}. Then we ask whether to keep it, so stay close.`,
    undoLead: 'The same safety timer watches over the way back.',
    stop: 'Stop and put everything back',
    stopping: 'Putting everything back',
    timer: 'Safety timer set. ',
    heard: (seconds: number) =>
      ['Last contact ', `${Math.max(0, Math.round(seconds))} s`, ' ago.'] as [string, string, string],
    log: 'Log',
    logText: (name: string) => `exactly what runs on ${name}`,
    showLog: 'Show',
    hideLog: 'Hide',
    seconds: (s: number) => (s === 0 ? '' : s < 1 ? `${s.toFixed(1)} s` : `${Math.round(s)} s`),
    steps: 'Steps',
    starting: 'Starting',
  },

  lost: {
    title: (name: string) => `${name} stopped answering`,
    lead: 'The safety timer on the server takes care of this. Nothing is needed from you.',
    last: (step: string) => (step === '' ? 'last answer' : `last answer, at “${step}”`),
    until: 'until it puts everything back',
    over: 'the server now puts everything back',
    before: (name: string) => `${name} is as it was before`,
    safe: 'What is safe',
    safeText:
      'Your data. The finished changes are only settings and packages, and copies of the old ones are on the server.',
    now: 'What happens now',
    nowText: (name: string) =>
      `The safety timer runs on ${name} itself, so it does not need this computer. We keep trying to reach it and tell you what we find.`,
    trying: 'Trying again',
    can: 'What you can do',
    canText:
      'Check your own internet or VPN if you like. You may also stop waiting, or close Plumbline. Next time, it first looks how things ended.',
    stop: 'Stop waiting',
  },

  keep: {
    title: 'Keep these changes?',
    undoTitle: 'Keep it this way?',
    lead: (name: string) => `We hung up and called again, and ${name} answered. You are not locked out.`,
    leadUnproved: (name: string) => `We hung up and called again. Not everything on ${name} is as it should be.`,
    left: 'left to decide',
    more: (minutes: number) => `Add ${counted(minutes, 'minute')}`,
    back: ['everything is back', 'as it was'],
    undoBack: ['the changes are', 'there again'],
    keep: 'Keep these changes',
    undoKeep: 'Keep it this way',
    keepAnyway: 'Keep them all the same',
    putBack: 'Put everything back',
    undoPutBack: 'Leave the changes in place',
    text: 'If you do nothing, the server puts everything back by itself. If you keep them, you can still undo from the summary.',
    undoText: 'If you do nothing, the server goes back to how it was a minute ago, with the changes in place.',
    proofs: 'What was shown',
    remaining: (seconds: number) => `${counted(seconds, 'second')} left to decide`,
    timeUp: 'Time is up: the server is putting everything back.',
    deciding: 'Telling the server',
    failed: (titles: string) => `These did not work and were left out: ${titles}.`,
  },

  putBack: {
    title: (name: string) => `${name} is as it was`,
    again: 'Check again',
    summary: 'See the summary',
    changes: 'See what to change',
    proof: 'The check that shows it',
  },

  summary: {
    view: 'View',
    thisRole: 'This role',
    otherRoles: 'Other roles',
    before: 'before',
    now: 'now',
    line: 'everything met',
    left: 'Left for you',
    nothingLeft: 'Nothing is left for you to do.',
    how: 'How',
    howHide: 'Less',
    confirm: 'Confirm…',
    word: (n: number) => `Give your word on ${counted(n, 'point')}`,
    wordText: 'Points that Plumbline cannot see from here.',
    undo: 'Undo everything…',
    undoEarlier: (at: string) => `Undo the changes of ${at}…`,
    json: 'JSON',
    playbook: 'Ansible playbook',
    pdf: 'Save PDF report',
    saving: 'Saving',
    saved: (path: string) => `Saved to ${path}`,
    area: (title: string, now: number, total: number, before: number) =>
      `${title}: ${now} of ${total} met, ${before} before`,
    of: (total: number) => `of ${total}`,
    areas: 'By area',
    home: 'All servers',
  },

  others: {
    title: (name: string) => `What else could ${name} carry?`,
    lead: 'Each role on its own. Running two together needs the sum of both.',
    fitTitle: (name: string, n: number) =>
      n === 0 ? `${name} could carry none of these roles as it is` : `${name} could carry ${spelled(n)} of these roles`,
    fitLead: 'Pick one to see all its needs. What is short in hardware needs a larger server.',
    role: 'Role',
    answer: 'Could it carry the role?',
    upkeep: 'Backup, upkeep',
    legend: {
      met: 'met',
      change: 'can be put right',
      short: 'short: needs a larger server or line',
      you_confirm: 'you confirm',
      none: 'nothing needed',
    } as Record<string, string>,
    cell: {
      met: 'met',
      change: 'can be put right',
      short: 'short',
      you_confirm: 'you confirm',
      none: 'nothing needed',
    } as Record<string, string>,
    go: 'Continue with this role',
    pick: 'Pick a role to go on.',
    loading: 'Comparing with every role',
  },

  undo: {
    title: (n: number) =>
      n === 1 ? 'Undo the change?' : n === 2 ? 'Undo both changes?' : `Undo all ${spelled(n)} changes?`,
    titleUnknown: 'Undo all changes?',
    text: (name: string, needs: number) =>
      `${name} goes back to how it was before.${needs > 0 ? ` ${counted(needs, 'need')} will be short or missing again.` : ''} The same safety timer watches over the way back.`,
    do: (n: number) => (n === 0 ? 'Undo the changes' : `Undo ${counted(n, 'change')}`),
    stay: 'Leave as it is',
  },

  aside: {
    title: (need: string) => `Set “${need}” aside`,
    text: 'It stays in the list and in the report, with your reason, and does not count against the server until its last day.',
    reason: 'Why',
    reasonHint: 'What the reader of the report has to know: “The backup runs on the host.”',
    needReason: 'Say why: the reason stands in the report.',
    name: 'Your name',
    needName: 'Enter your name: it stands beside the reason in the report.',
    howLong: 'For how long',
    spans: { '30': 'A month', '90': 'Three months', '365': 'A year' } as Record<string, string>,
    save: 'Set aside',
    ask: 'Set it aside…',
    heading: 'Set aside',
    said: (reason: string, name: string, until: string) => `${reason} (${name}, until ${until})`,
    again: 'Take it up again',
    tag: (until: string) => `set aside until ${until}`,
  },

  yourWord: {
    title: (n: number) => `${capital(spelled(n))} ${n === 1 ? 'point' : 'points'} Plumbline cannot see`,
    text: 'Your answers go into the report as your word, with your name and today’s date.',
    yes: 'Yes',
    no: 'No',
    later: 'Later',
    name: 'Your name',
    needName: 'Enter your name: it stands beside your answers in the report.',
    note: '“No” and “Later” stay on your list.',
    save: (n: number) => (n === 0 ? 'Save' : `Save ${counted(n, 'answer')}`),
  },

  history: {
    title: (name: string) => `Earlier checks of ${name}`,
    lead: (n: number) =>
      n < 2 ? 'What this computer kept.' : 'Newest first. Choose two to see what changed between them.',
    loading: 'Reading what was kept',
    none: 'No check of this server is kept on this computer. Check it again to begin.',
    choose: 'Compare the check of ',
    unreadable: 'This check was kept by another version of Plumbline.',
    verdicts: { ready: 'Ready', almost: 'Almost ready', not_ready: 'Not ready' } as Record<string, string>,
    counts: (met: number, toFix: number, unsure: number) =>
      [`${met} met`, toFix > 0 ? `${toFix} to fix` : '', unsure > 0 ? `${unsure} open` : ''].filter(Boolean).join(', '),
    changed: (n: number) => `${counted(n, 'thing')} changed since the check before`,
    same: 'Nothing had changed since the check before.',
    first: 'The first check that is kept.',
    two: 'Choose two checks to compare.',
    compare: 'Compare the two',
    again: 'Check again',
  },

  comparison: {
    title: (name: string) => `What changed on ${name}`,
    lead: (before: string, now: string) => `Between ${before} and ${now}.`,
    loading: 'Comparing',
    needs: 'Needs',
    same: (moved: number, same: number) =>
      moved === 0
        ? `All ${counted(same, 'need')} came out the same.`
        : `${capital(spelled(moved))} came out otherwise, ${spelled(same)} the same.`,
    onlyOne: (n: number) =>
      n === 0 ? '' : `${capital(spelled(n))} ${n === 1 ? 'was' : 'were'} asked in one check only.`,
    drift: 'The server itself',
    noDrift: 'Nothing that both checks could read is otherwise.',
  },

  openRun: {
    title: (name: string) => `Changes on ${name} wait for your answer`,
    text: (at: string, seconds: number | null) =>
      `They were begun on ${at}.${seconds === null ? '' : ` Without an answer, the server puts everything back in ${clock(seconds)}.`} Nothing else can be changed before.`,
    take: 'Look at them',
    leave: 'Leave them to the server',
  },

  edited: {
    title: (n: number) => (n === 1 ? 'Somebody edited one place since' : `Somebody edited ${spelled(n)} places since`),
    text: (name: string) =>
      `Nothing on ${name} was touched yet. Say what becomes of each place; the safety timer applies as always.`,
    before: 'Before',
    ours: 'As Plumbline left it',
    now: 'Now',
    choice: (place: string) => `What becomes of ${place}`,
    leave: 'Leave as it is',
    overwrite: 'Put back as before',
    go: 'Undo the rest',
  },

  practice: {
    mark: 'Practice',
    text: 'Recorded readings. There is no server behind them.',
    /** Where a server would be changed. */
    changing: 'This is how it would go. There is no server, and nothing is changed.',
  },

  /** "Explain as we go": one more sentence for each step, by the name of its screen. */
  explain: {
    home: 'Each line is a server this computer has checked. Open one to check it again; nothing happens to it before you say so.',
    products: 'Needs are what a server must have for a role. The figures come from whoever publishes the product.',
    product: 'A product has roles, and each role has needs of its own. You can come back and choose another.',
    role: 'Small figures are the least that works. “Comfortable” leaves room for busy days.',
    server: 'SSH is how one signs in to a server. A key file is safer than a password: it never leaves this computer.',
    fit: 'A wrench means that Plumbline can put it right. A half-full vessel needs a larger server.',
    check: 'We ask the server what it has and compare. Every line opens and shows what we asked and what it said.',
    tune: 'A change is a file or a setting. Open a change to see every line of it, and how it is taken back.',
    applying: 'The server works on its own now, and keeps a copy of everything it touches.',
    keep: 'This is the moment to try whether all you need still works. Time can be added as often as you like.',
    'put-back': 'Nothing was lost: every file and setting was restored from the copy that the server had made.',
    lost: 'A line can be cut by a change to the network. That is what the safety timer is for.',
    summary: 'Hollow circles show how it was before, filled ones how it is now. The line is where everything is met.',
    'other-roles': 'Each role is judged alone, from the same readings. Nothing new is asked of the server.',
    history: 'Twenty checks of each server are kept on this computer, and nowhere else.',
    comparison: 'What moves by itself, such as load and free memory, is left out.',
    settings: 'Settings belong to this computer. Nothing here reaches a server.',
  } as Record<string, string>,

  settings: {
    title: 'Settings',
    lead: 'They act at once.',
    theme: 'Appearance',
    themes: { system: 'Like the system', light: 'Light', dark: 'Dark' } as Record<string, string>,
    safety: 'Safety timer',
    safetyText: 'How long the server waits for your answer before it puts everything back.',
    minutes: (n: number) => counted(n, 'minute'),
    shortcuts: 'Single-letter shortcuts',
    shortcutsText: 'Such as T on the check screen. Enter, Esc and the arrow keys always work.',
    explain: 'Explain as we go',
    explainText: 'One more sentence on every step.',
    log: 'Log open while applying',
    logText: 'Show exactly what runs, as it runs.',
    logs: 'Open the folder with Plumbline’s own log',
    logsText: (folder: string) => `${folder}. It holds no passwords and no keys.`,
    folder: 'Open the folder with servers and checks',
    folderText: (folder: string) => `${folder}. Only you can read it.`,
    keychain: 'Passwords and passphrases',
    keychainState: {
      ready: (name: string) => `Kept in this computer’s keychain (${name}) where you ask for it, and nowhere else.`,
      none: 'This computer has no keychain that Plumbline can use. Secrets are forgotten when the window closes.',
      locked: 'This computer’s keychain is locked. Until it is opened, secrets are forgotten when the window closes.',
    },
    about: 'About',
    aboutText: (version: string) =>
      `Plumbline ${version}. Free software under the Apache License 2.0 or the MIT License. IBM Plex under the Open Font License, Lucide under the ISC License.`,
    diagnostics: 'Save diagnostics…',
    diagnosticsText:
      'One text for whoever helps you: this computer, your servers, the end of the log. No passwords, no keys.',
    diagnosticsNames: 'With the names of servers and people',
    saved: 'Saved servers',
  },

  browse: {
    title: 'What each role needs',
    lead: 'Every need, with the reason and where it comes from. No server is needed to read this.',
    product: 'Product',
    role: 'Role',
    needed: 'Needed',
    why: 'Why',
    setUp: 'Set up a server for this',
    empty: 'Pick a role on the left.',
  },

  shortcuts: {
    title: 'Keyboard',
    lead: 'Single letters work outside fields, and can be switched off in Settings.',
    list: [
      ['Enter', 'The main action of the screen'],
      ['Esc', 'Stop, or close'],
      ['Alt + ←', 'Back'],
      ['N', 'Set up a server (Servers)'],
      ['R', 'Check again (Check), check all again (Servers)'],
      ['↑ ↓', 'Move in a list'],
      ['→ ←', 'Open and close a row'],
      ['T', 'All, or To do (Check)'],
      ['C', 'Copy the evidence of the open row (Check)'],
      ['Space', 'Switch a change on or off (Tune)'],
      ['L', 'Log (Applying)'],
      ['P', 'Save the PDF report (Summary)'],
      ['A', 'Save the playbook (Summary)'],
      ['J', 'Save JSON (Summary)'],
      ['?', 'This list'],
    ] as [string, string][],
  },

  trouble: {
    title: 'Plumbline could not go on',
    text: 'Something inside Plumbline did not work. Nothing was changed by this; if changes were being made, the safety timer on the server takes care of them.',
    reload: 'Start this window again',
  },
};

function article(noun: string): string {
  return /^[aeiou]/i.test(noun) ? 'An' : 'A';
}

function ordinal(n: number): string {
  return (
    ['', 'first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth', 'eleventh'][
      n
    ] ?? `${n}th`
  );
}
