/**
 * Builds a safetensors file in memory, byte for byte as the reference crate lays one out: tensors in the
 * order given, compact JSON with `__metadata__` first, spaces up to a multiple of 8 bytes.
 */
import { StudioError } from '../errors.ts';
import { dtypeBytes, type Dtype } from './dtype.ts';
import { maxHeaderBytes } from './header.ts';

export interface TensorLayout {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

export interface TensorData extends TensorLayout {
  /** Little endian, exactly shape × dtype bytes. */
  readonly bytes: Uint8Array;
}

const sizeOf = ({ dtype, shape }: TensorLayout): number =>
  shape.reduce((product, size) => product * size, 1) * dtypeBytes[dtype];

/** The 8 length bytes and the padded JSON. Data offsets follow from the order of `tensors`. */
export function encodeHeader(
  tensors: readonly TensorLayout[],
  metadata: ReadonlyMap<string, string>,
): Uint8Array<ArrayBuffer> {
  const names = new Set<string>();
  const members: string[] =
    metadata.size > 0
      ? [
          `"__metadata__":{${[...metadata].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`,
        ]
      : [];
  let begin = 0;
  for (const tensor of tensors) {
    if (names.has(tensor.name) || tensor.name === '__metadata__') {
      throw new StudioError(
        'bad-request',
        `A safetensors file cannot hold two tensors named ${tensor.name}.`,
        { details: { tensor: tensor.name } },
      );
    }
    names.add(tensor.name);
    const end = begin + sizeOf(tensor);
    members.push(
      `${JSON.stringify(tensor.name)}:{"dtype":"${tensor.dtype}","shape":[${tensor.shape.join(',')}],"data_offsets":[${begin},${end}]}`,
    );
    begin = end;
  }
  const json = new TextEncoder().encode(`{${members.join(',')}}`);
  const length = Math.ceil(json.length / 8) * 8;
  if (length > maxHeaderBytes) {
    throw new StudioError(
      'unsupported',
      `The file's header would be ${length} bytes long; readers refuse more than ${maxHeaderBytes}.`,
      { details: { value: length } },
    );
  }
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, 8);
  return header;
}

export function buildSafetensors(
  tensors: readonly TensorData[],
  metadata: ReadonlyMap<string, string>,
): Uint8Array<ArrayBuffer> {
  const header = encodeHeader(tensors, metadata);
  let sizeBytes = header.length;
  for (const tensor of tensors) {
    if (tensor.bytes.length !== sizeOf(tensor)) {
      const message = `Tensor ${tensor.name} of shape [${tensor.shape.join(', ')}] needs ${sizeOf(tensor)} bytes of ${tensor.dtype} but has ${tensor.bytes.length}.`;
      throw new StudioError('internal', message, {
        details: { tensor: tensor.name, value: tensor.bytes.length },
      });
    }
    sizeBytes += tensor.bytes.length;
  }
  const file = allocate(sizeBytes);
  file.set(header);
  let at = header.length;
  for (const { bytes } of tensors) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

function allocate(sizeBytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(sizeBytes);
  } catch (cause) {
    throw new StudioError('memory', `A file of ${sizeBytes} bytes does not fit into memory.`, {
      details: { value: sizeBytes },
      cause,
    });
  }
}
