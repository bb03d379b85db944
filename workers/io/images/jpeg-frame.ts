/** What a JPEG says of how it is coded (ITU T.81, B.2), without decoding anything. */

export interface JpegFrame {
  readonly process: 'baseline' | 'progressive' | 'arithmetic' | 'lossless';
  /** Of a sample. */
  readonly bits: number;
  readonly components: number;
  readonly scans: number;
  /** Whether the end of the image is marked; what ends before is filled with grey by decoders. */
  readonly ends: boolean;
}

/** Throws where there is no frame, or a segment is not whole. */
export function readFrame(bytes: Uint8Array<ArrayBuffer>): JpegFrame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let frame: Pick<JpegFrame, 'process' | 'bits' | 'components'> | null = null;
  let scans = 0;
  let ends = false;
  for (let at = 2; at + 1 < bytes.length;) {
    // Entropy-coded data stands between segments: its bytes 0xff are followed by 0, or by restart markers.
    if (bytes[at] !== 0xff) {
      const next = bytes.indexOf(0xff, at);
      if (next < 0) break;
      at = next;
      continue;
    }
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) at++;
    else if (marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd7)) at += 2;
    else if (marker === 0xd9) {
      ends = true;
      break;
    } else {
      if (isFrame(marker)) {
        if (frame) throw new Error('it has two frames');
        frame = {
          process: processOf(marker),
          bits: view.getUint8(at + 4),
          components: view.getUint8(at + 9),
        };
      }
      if (marker === 0xda) scans++;
      at += 2 + view.getUint16(at + 2);
    }
  }
  if (!frame || scans === 0) throw new Error('it holds no picture');
  return { ...frame, scans, ends };
}

const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

function processOf(marker: number): JpegFrame['process'] {
  if (marker === 0xc0 || marker === 0xc1) return 'baseline';
  if (marker === 0xc2) return 'progressive';
  return marker === 0xc9 || marker === 0xca ? 'arithmetic' : 'lossless';
}
