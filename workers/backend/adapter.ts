/** Finding a WebGPU adapter and telling a graphics processor from a program that imitates one. */
export interface FoundAdapter {
  readonly adapter: GPUAdapter;
  readonly name: string;
  readonly software: boolean;
}

/** SwiftShader (Chromium), llvmpipe and lavapipe (Mesa), WARP (Windows). */
const softwareNames = /swiftshader|llvmpipe|lavapipe|softpipe|\bwarp\b|basic render|\bsoftware\b|\bcpu\b/i;

/** Null where there is none; never throws. */
export async function findAdapter(gpu: GPU | null): Promise<FoundAdapter | null> {
  try {
    // A browser with WebGPU may still have no adapter, and answers null.
    const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return null;
    const { vendor, architecture, device, description } = adapter.info;
    const name = description || [vendor, architecture, device].filter(Boolean).join(' ') || 'unnamed adapter';
    return { adapter, name, software: isSoftware(adapter) };
  } catch {
    return null;
  }
}

export function isSoftware(adapter: Pick<GPUAdapter, 'info'>): boolean {
  const { vendor, architecture, device, description } = adapter.info;
  // Where the flag sits has moved from the adapter to its info.
  const flagged =
    (adapter as { readonly isFallbackAdapter?: boolean }).isFallbackAdapter ?? adapter.info.isFallbackAdapter;
  return (
    flagged === true || [vendor, architecture, device, description].some((text) => softwareNames.test(text))
  );
}
