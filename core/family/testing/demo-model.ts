/** A model of the demo trio by its headers, for tests. */
import { readFileSync } from 'node:fs';
import { parseHeader } from '../../safetensors/header.ts';
import type { PairedModel } from '../trio.ts';
import { readModelSpec } from '../read-spec.ts';

export const demoModel = (role: string): PairedModel => {
  const folder = new URL(`../../../public/models/demo/${role}/`, import.meta.url);
  const file = readFileSync(new URL('model.safetensors', folder));
  const { tensors } = parseHeader(file, file.length, role);
  const config: unknown = JSON.parse(readFileSync(new URL('config.json', folder), 'utf8'));
  return {
    label: role,
    spec: readModelSpec(
      config,
      tensors.map(({ name }) => name),
    ),
    config,
    tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])),
  };
};
