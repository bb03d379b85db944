/**
 * In which order a tower computes an image's tiles, and which of them read each other. Windows of tiles are
 * cut from the image's corner on; those at the right and at the bottom may be smaller. Windows of as many
 * tiles are put one behind another, so that they make a batch: within a window the order does not matter,
 * because positions are turned into queries and keys (transformers' `get_vision_window_index` has another).
 */
interface Grid {
  readonly rows: number;
  readonly columns: number;
}

/** So many windows one behind another, of so many tiles each. */
export interface WindowGroup {
  readonly windows: number;
  readonly tiles: number;
}

/** `order`: numbers of tiles in reading order. @param side tiles a side of a window */
export function windowsOf(
  { rows, columns }: Grid,
  side: number,
): { readonly order: Int32Array; readonly groups: readonly WindowGroup[] } {
  const bySize = new Map<number, number[][]>();
  for (let top = 0; top < rows; top += side) {
    for (let left = 0; left < columns; left += side) {
      const window: number[] = [];
      for (let row = top; row < Math.min(rows, top + side); row++)
        for (let column = left; column < Math.min(columns, left + side); column++)
          window.push(row * columns + column);
      bySize.set(window.length, [...(bySize.get(window.length) ?? []), window]);
    }
  }
  return {
    order: Int32Array.from([...bySize.values()].flat(2)),
    groups: [...bySize].map(([tiles, windows]) => ({ windows: windows.length, tiles })),
  };
}
