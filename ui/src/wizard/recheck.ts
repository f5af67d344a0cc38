import type { SavedServer } from '../ipc/bindings';
import type { Backend } from '../ipc/backend';
import { ConnectForm } from '../state/connect.svelte';
import { words } from '../words/en';

/**
 * Checks every saved server in turn, with what the keychain holds. One that asks for anything is left for the person. Answers with what to say in
 * the end.
 */
export async function checkAll(
  backend: Backend,
  servers: SavedServer[],
  say: (notice: string) => void,
  stopped: () => boolean,
): Promise<string> {
  const missed: string[] = [];
  let done = 0;
  for (const server of servers) {
    if (stopped()) break;
    done += 1;
    say(words.home.checking(server.name, done, servers.length));
    if (!(await check(backend, server))) missed.push(server.name);
  }
  return words.home.checkedAll(done, missed);
}

async function check(backend: Backend, server: SavedServer): Promise<boolean> {
  const form = new ConnectForm();
  form.takeSaved(server);
  const reply = await backend.connect(form.ask({ kind: 'knownOnly' }), (step) => {
    if (step.kind === 'prompt') void backend.answer(step.id, null);
  });
  if (reply.kind !== 'connected') return false;
  const checked = await backend.check(reply.server.session, server.role, () => undefined);
  return checked.kind === 'checked';
}
