/**
 * The corpus of zoo/reference/images, held to what Pillow reads, in Node and again in Chromium: one decoder for the
 * command line and the page.
 */
import { expect, inject, test } from 'vitest';
import { readFixture, readJsonFixture } from '../../../test/fixtures.ts';
import { imageDecoder } from './decode-image.ts';

interface Expected {
  readonly images: Readonly<
    Record<string, { readonly width: number; readonly height: number; readonly at: number }>
  >;
}

const folder = 'zoo/reference/images';
const { images } = await readJsonFixture<Expected>(`${folder}/expected.json`);
const pixels = await readFixture(`${folder}/pixels.bin`);
const decode = imageDecoder(
  import.meta.env.SSR
    ? (await import('./codec-places.node.ts')).nodeCodecs()
    : (await import('./codec-places.browser.ts')).browserCodecs(),
);

test.each(Object.entries(images))(
  `%s has Pillow’s pixels (${inject('device')})`,
  async (name, { width, height, at }) => {
    const image = await decode(await readFixture(`${folder}/files/${name}`), name);
    expect([image.width, image.height]).toEqual([width, height]);
    expect(image.data).toHaveLength(4 * width * height);
    let [worst, sum] = [0, 0];
    for (let pixel = 0; pixel < width * height; pixel++) {
      if (image.data[4 * pixel + 3] !== 255) throw new Error(`pixel ${pixel} is not opaque`);
      for (let channel = 0; channel < 3; channel++) {
        const off = Math.abs(
          (image.data[4 * pixel + channel] as number) - (pixels[at + 3 * pixel + channel] as number),
        );
        worst = Math.max(worst, off);
        sum += off;
      }
    }
    // Of JPEG and lossy WebP too: both sides compute with the same libraries’ integer arithmetic.
    expect({ worst, mean: sum / (3 * width * height) }).toEqual({ worst: 0, mean: 0 });
  },
);
