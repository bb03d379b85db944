/** What a forward pass needs to know of a model, and where its tensors are. */
export interface TextSpec {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headWidth: number;
  readonly vocabulary: number;
  readonly ropeTheta: number;
  readonly epsilon: number;
}

export interface VisionSpec {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly channels: number;
  readonly imageSize: number;
  readonly patchSize: number;
  readonly epsilon: number;
  /** Pixel shuffle: this many patches a side become one image token. */
  readonly scaleFactor: number;
}

/** Full tensor names. */
export interface TextNames {
  /** Up to and without the layer number: `model.layers.` */
  readonly layers: string;
  readonly embedding: string;
  readonly finalNorm: string;
  /** Null when the output head is the embedding. */
  readonly head: string | null;
}

export interface VisionNames {
  /** `model.vision_model.` */
  readonly tower: string;
  /** The connector's one weight. */
  readonly projection: string;
}
