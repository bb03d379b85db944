/**
 * Keeps the keyboard where a person is when what has the focus is taken away: a deleted row, a cancelled
 * progress line, a dismissed notice. The browser would put the focus at the top of the page.
 *
 * It goes to the same control of the next item of the list, else of the one before; else to the next control of
 * the same part of the page; else to where the focus came from when it entered that part.
 */

const FOCUSABLE =
  'button, input, select, textarea, a[href], summary, [tabindex]:not([tabindex="-1"]), [role="treeitem"]';
const ITEM = 'li, tr, [role="treeitem"]';
const PART = 'dialog, [popover], section, [role="toolbar"], [data-part], header, main, footer';

interface Place {
  readonly element: Element;
  /** The list's items in order, which one, and how many controls of it come after the element. */
  readonly items: readonly Element[];
  readonly item: number;
  readonly fromEnd: number;
  /** The controls of the same part of the page in order, and which one. */
  readonly order: readonly Element[];
  readonly at: number;
  readonly part: Element | null;
  /** What had the focus before it came into this part. */
  readonly from: Element | null;
}

const controlsOf = (root: Element): Element[] => [...root.querySelectorAll(FOCUSABLE)];

/** What can be focused in the place of `element`: itself, or the button of the closed popover it stands in. */
function standIn(element: Element | null | undefined): HTMLElement | null {
  if (!(element instanceof HTMLElement) || !element.isConnected) return null;
  if (element.checkVisibility()) return element;
  const popover = element.closest('[popover]');
  return popover ? document.querySelector<HTMLElement>(`[popovertarget="${CSS.escape(popover.id)}"]`) : null;
}

function placeOf(element: Element, before: Place | null, from: Element | null): Place {
  const item = element.closest(ITEM);
  const items = item?.parentElement ? [...item.parentElement.children] : [];
  const own = item ? controlsOf(item) : [];
  const part = element.closest(PART);
  const order = part ? controlsOf(part) : [];
  return {
    element,
    items,
    item: item ? items.indexOf(item) : -1,
    fromEnd: own.length - own.indexOf(element),
    order,
    at: order.indexOf(element),
    part,
    from: before && before.part === part ? before.from : from,
  };
}

/** Everything after `at`, then everything before it, the nearest first. */
const nearest = (all: readonly Element[], at: number): Element[] => [
  ...all.slice(at + 1),
  ...all.slice(0, Math.max(0, at)).reverse(),
];

function wayBack({ items, item, fromEnd, order, at, part, from }: Place): HTMLElement | null {
  for (const other of [items[item], ...nearest(items, item)]) {
    if (!other?.isConnected) continue;
    const controls = controlsOf(other).filter((control) => standIn(control) === control);
    const found = controls[controls.length - fromEnd] ?? controls.at(-1);
    if (found) return standIn(found);
  }
  for (const other of nearest(order, at)) {
    const found = standIn(other);
    if (found && part?.contains(found)) return found;
  }
  return standIn(from);
}

/** Starts it, for the whole page; returns what ends it. */
export function keepFocus(): () => void {
  let place: Place | null = null;
  let left: Element | null = null;
  const onFocusIn = (event: FocusEvent): void => {
    const { target } = event;
    if (!(target instanceof Element)) return;
    const from = event.relatedTarget instanceof Element ? event.relatedTarget : left;
    left = target;
    place = placeOf(target, place, from);
  };
  const observer = new MutationObserver(() => {
    if (!place || place.element.isConnected || document.activeElement !== document.body) return;
    const gone = place;
    place = null;
    wayBack(gone)?.focus();
  });
  document.addEventListener('focusin', onFocusIn);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    document.removeEventListener('focusin', onFocusIn);
    observer.disconnect();
  };
}
