/**
 * Keys that act from anywhere on a screen. A control says which key presses it (`data-key`); the topmost dialog takes keys before the screen.
 * Enter presses the main action unless the focus is in a list or on a control of its own; single letters work outside fields and can be switched off.
 */

const own = 'button, a, summary, select, [role=option], [data-list]';
const field = 'input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]';

export function press(event: KeyboardEvent, letters: boolean): boolean {
  if (event.defaultPrevented || event.isComposing) return false;
  const target = event.target instanceof Element ? event.target : null;
  const key = keyOf(event);
  if (key === null) return false;
  if (key === 'Enter' && target?.closest(own)) return false;
  if (key.length === 1 && (!letters || target?.closest(field))) return false;

  const dialogs = [...document.querySelectorAll<HTMLElement>('dialog[open]')];
  const scope = dialogs.at(-1) ?? document;
  // In a list, the row with the focus comes first: C copies its evidence.
  const near = target?.closest('[data-need]')?.querySelector<HTMLElement>(selector(key));
  const control = near ?? scope.querySelector<HTMLElement>(selector(key));
  if (!control || control.getAttribute('aria-disabled') === 'true') return false;
  control.click();
  event.preventDefault();
  return true;
}

function selector(key: string): string {
  return `[data-key="${key}"]`;
}

/** The name a control gives the key: Enter, Escape, Back, or a letter in capitals. */
function keyOf(event: KeyboardEvent): string | null {
  if ((event.altKey && event.key === 'ArrowLeft') || (event.metaKey && event.key === '[')) return 'Back';
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.key === 'Enter' || event.key === 'Escape') return event.key;
  return /^[a-z?]$/i.test(event.key) ? event.key.toUpperCase() : null;
}
