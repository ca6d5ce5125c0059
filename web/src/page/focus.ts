/** Where the focus goes when what had it is taken away. */

/**
 * Remember what has the focus; what is answered gives it back, if nothing else got it. A button that
 * is disabled while it works loses it.
 */
export function keepFocus(): () => void {
  const focused = document.activeElement as HTMLElement | null;
  return () => {
    if (document.activeElement === document.body) focused?.focus();
  };
}
