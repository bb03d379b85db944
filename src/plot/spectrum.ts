/**
 * Paints a log spectrum: a soft area with its line, as a backdrop or as a sparkline. Zero singular values lie
 * on the floor.
 */
import { addCurve, areaUnder, curvePath, sigmaDomain, type Box } from './curve.ts';
import { logScale, type Scale } from './scale.ts';
import { spectralAxis, type SpectralAxis } from './spectral-axis.ts';

export function sigmaScale(singularValues: Float32Array, box: Box): Scale {
  const domain = sigmaDomain(singularValues);
  const scale = logScale(domain, [box.top + box.height, box.top]);
  return {
    ...scale,
    toPixel: (sigma) => Math.min(box.top + box.height, scale.toPixel(Math.max(sigma, domain[0]))),
  };
}

export function paintSpectrum(
  context: CanvasRenderingContext2D,
  singularValues: Float32Array,
  axis: SpectralAxis,
  y: Scale,
  box: Box,
  style: { readonly line: string; readonly lineWidth: number; readonly fillAlpha: number },
): void {
  const line = spectrumPath(singularValues, axis, y, box);
  context.save();
  context.globalAlpha = style.fillAlpha;
  context.fillStyle = style.line;
  context.fill(areaUnder(line, box));
  context.restore();
  context.strokeStyle = style.line;
  context.lineWidth = style.lineWidth;
  context.lineJoin = 'round';
  context.stroke(line);
}

/** Along an axis with a tail, the subspaces of the tail share its width; elsewhere all share the whole. */
function spectrumPath(singularValues: Float32Array, axis: SpectralAxis, y: Scale, box: Box): Path2D {
  const { tail } = axis;
  if (!tail)
    return curvePath({ values: singularValues, offset: 0, count: singularValues.length }, axis, y, box);
  const own = tail.own.count;
  const rest = singularValues.length - own;
  const path = curvePath({ values: singularValues, offset: 0, count: own }, tail.own, y, {
    ...box,
    width: tail.at * box.width,
  });
  if (rest > 0)
    addCurve(
      path,
      { values: singularValues, offset: own, count: rest },
      spectralAxis('linear', rest),
      y,
      { ...box, left: box.left + tail.at * box.width, width: (1 - tail.at) * box.width },
      'join',
    );
  return path;
}

/**
 * The whole spectrum in a few pixels, on a logarithmic subspace axis so that the strong directions are seen.
 * Where only the first ones of `rank` are known (a preview), they are dashed and stand where the whole will
 * have them.
 */
export function paintSparkline(
  context: CanvasRenderingContext2D,
  singularValues: Float32Array,
  rank: number,
  noiseEdge: number,
  box: Box,
  line: string,
  edge: string,
): void {
  const known = singularValues.length;
  const y = sigmaScale(singularValues, box);
  const preview = known < rank;
  const width = preview ? box.width * spectralAxis('log', rank).place(known / rank) : box.width;
  if (preview) context.setLineDash([2, 1.5]);
  paintSpectrum(
    context,
    singularValues,
    spectralAxis('log', known),
    y,
    { ...box, width },
    { line, lineWidth: 1, fillAlpha: preview ? 0.06 : 0.16 },
  );
  context.setLineDash([]);
  const edgeY = y.toPixel(noiseEdge);
  if (edgeY <= box.top || edgeY >= box.top + box.height - 0.5) return;
  context.strokeStyle = edge;
  context.setLineDash([2, 2]);
  context.beginPath();
  context.moveTo(box.left, edgeY);
  context.lineTo(box.left + box.width, edgeY);
  context.stroke();
  context.setLineDash([]);
}
