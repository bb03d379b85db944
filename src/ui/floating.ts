/** Places a top-layer element next to its anchor, inside the window. */
export function placeBeside(
  anchor: Element,
  floating: HTMLElement,
  align: 'start' | 'end' | 'middle' = 'start',
): void {
  const margin = 8;
  const gap = 6;
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = floating;
  const wanted =
    align === 'start' ? box.left : align === 'end' ? box.right - width : (box.left + box.right - width) / 2;
  const left = Math.max(margin, Math.min(wanted, innerWidth - width - margin));
  const below = box.bottom + gap;
  const fitsBelow = below + height + margin <= innerHeight;
  const top = fitsBelow ? below : Math.max(margin, box.top - gap - height);
  floating.style.left = `${left}px`;
  floating.style.top = `${top}px`;
}
