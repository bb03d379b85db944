/**
 * studio-check.json: a few prompts with the studio's own answers, for checking an export elsewhere
 * (zoo/check_export.py).
 *
 * Logits are at the last prompt position, where the first answer token is predicted: the 256 largest with
 * their ids. Images are RGB, 8 bits, base64.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Target } from '../../../protocol/engine.ts';
import type { RgbaImage } from '../../../protocol/session.ts';
import { generateAll, embedRows } from '../../distill/generate-all.ts';
import { promptAbout } from '../../distill/image-features.ts';
import { allFinite } from '../../merge/finite.ts';
import { logitsNotFinite } from '../../nn/finite-logits.ts';
import { requireForward, type OpenSession } from '../opening/open-session.ts';
import { targetLinears } from '../target.ts';

const keptLogits = 256;
const maxImagePixels = 512 * 512;

export async function studioCheck(
  session: OpenSession,
  target: Target,
  signal: AbortSignal,
): Promise<string> {
  const forward = requireForward(session);
  const support = session.facts.forward;
  const cases = support.available
    ? chooseCases(
        support.examples.map(({ image }) => image),
        support.prompts.map(({ prompt }) => prompt),
      )
    : [];
  const written = (checks: readonly unknown[]) =>
    `${JSON.stringify({ version: 1, backend: tf.getBackend(), maxTokens: session.maxAnswerTokens, checks })}\n`;
  // Without a case, neither the tower nor all merged layers at once are needed.
  if (cases.length === 0) return written([]);
  const images = await forward.features(
    cases.length,
    (i) => (cases[i] as Case).image,
    () => undefined,
    signal,
  );
  const vlm = await forward.vlmTeacher(images, signal);
  const { linears, named, dispose } = await targetLinears(session, target, signal);
  try {
    const checks = [];
    for (const [index, { image, prompt }] of cases.entries()) {
      const ids = promptAbout(vlm.prompter, images, prompt, index);
      const written = { ids: Int32Array.from(ids), rows: 1, columns: ids.length, padding: Int32Array.of(0) };
      const logits = tf.tidy(() => {
        const { embedded, batch } = embedRows(vlm, written, [index]);
        return vlm.model.logits(embedded, batch, linears, Int32Array.of(ids.length - 1));
      });
      const values = await logits.data<'float32'>().finally(() => logits.dispose());
      if (!allFinite(values)) throw logitsNotFinite(named);
      const largest = Array.from(values.keys())
        .sort((a, b) => (values[b] as number) - (values[a] as number))
        .slice(0, keptLogits);
      const [answer = []] = await generateAll(
        { ...vlm, linears, named },
        [{ prompt: ids, image: index }],
        session.maxAnswerTokens,
        () => undefined,
        signal,
      );
      checks.push({
        prompt,
        ids,
        image: { width: image.width, height: image.height, rgb: base64(rgbOf(image)) },
        logits: { ids: largest, values: largest.map((id) => values[id]) },
        answer: { ids: answer, text: vlm.prompter.decode(answer) },
      });
    }
    return written(checks);
  } finally {
    dispose();
  }
}

interface Case {
  readonly image: RgbaImage;
  readonly prompt: string;
}

/** Each prompt once, on the images in turn. */
function chooseCases(images: readonly RgbaImage[], prompts: readonly string[]): Case[] {
  const usable = images.filter(({ width, height }) => width * height <= maxImagePixels);
  return usable.length === 0
    ? []
    : prompts.slice(0, 8).map((prompt, i) => ({ prompt, image: usable[i % usable.length] as RgbaImage }));
}

function rgbOf({ data }: RgbaImage): Uint8Array {
  const rgb = new Uint8Array((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3)
    rgb.set(data.subarray(from, from + 3), to);
  return rgb;
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
