/** Diagonal hatching, for what is locked: a mark that needs no colour to be seen. */
export function hatchPattern(
  context: CanvasRenderingContext2D,
  colour: string,
  ratio: number,
  spacing = 5,
): CanvasPattern | null {
  const side = Math.max(2, Math.round(spacing * ratio));
  const tile = document.createElement('canvas');
  tile.width = tile.height = side;
  const ink = tile.getContext('2d');
  if (!ink) return null;
  ink.strokeStyle = colour;
  ink.lineWidth = ratio;
  ink.beginPath();
  // Three strokes, so that the diagonal goes on across the tile's corners.
  for (const shift of [-side, 0, side]) {
    ink.moveTo(shift, side);
    ink.lineTo(shift + side, 0);
  }
  ink.stroke();
  const pattern = context.createPattern(tile, 'repeat');
  // Patterns follow the context's scale; the tile is already in device pixels.
  pattern?.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}
