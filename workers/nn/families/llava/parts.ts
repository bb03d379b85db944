/** Tower and connector as LLaVA and LLaVA-OneVision have them. */
import type { LlavaParts } from '../../../../core/family/llava/parts.ts';
import type { Connector } from '../../connectors/connector.ts';
import { loadMlpConnector } from '../../connectors/mlp.ts';
import type { TensorLoader } from '../../tensor-loader.ts';
import { loadClip } from '../../vision/clip.ts';
import { loadSiglip } from '../../vision/siglip.ts';
import type { TowerWeights } from '../../vision/tower.ts';

export async function loadLlavaParts(
  loader: TensorLoader,
  { names, vision, features, connector, text }: LlavaParts,
): Promise<{ readonly tower: TowerWeights; readonly connector: Connector }> {
  const loadTower = vision.tower === 'clip' ? loadClip : loadSiglip;
  const tower = await loadTower(loader, names.vision, vision, features);
  const width = vision.hiddenSize * features.layers.length;
  return {
    tower,
    connector: await loadMlpConnector(loader, names.connector, width, text.hiddenSize, connector),
  };
}
