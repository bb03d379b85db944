/** An RGBA image on a canvas of its own size. */
import { useEffect, useRef, type CanvasHTMLAttributes, type ReactNode } from 'react';
import type { RgbaImage } from '../../../protocol/session.ts';

export function ImageCanvas({
  image,
  ...rest
}: { readonly image: RgbaImage } & CanvasHTMLAttributes<HTMLCanvasElement>): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const pixels = new ImageData(Uint8ClampedArray.from(image.data), image.width, image.height);
    canvas.current?.getContext('2d')?.putImageData(pixels, 0, 0);
  }, [image]);
  return <canvas ref={canvas} width={image.width} height={image.height} {...rest} />;
}
