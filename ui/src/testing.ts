import '@testing-library/jest-dom/vitest';

if (typeof document !== 'undefined') standIn();

/** jsdom knows dialogs but not how to open them, and no scrolling; what the browser adds to it is tested in the browser. */
function standIn() {
  HTMLDialogElement.prototype.showModal ??= function show() {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function close() {
    this.open = false;
  };
  Element.prototype.scrollIntoView ??= () => undefined;
  Element.prototype.scrollTo ??= () => undefined;
  globalThis.CSS ??= { escape: (text: string) => text.replace(/[^\w-]/g, '\\$&') } as typeof CSS;
}
