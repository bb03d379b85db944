/**
 * What a file is that a person hands over in a place where something else was wanted: by its first bytes where
 * they tell, else by its name. A refusal says so, and where the file belongs.
 */
import { imageFormat } from '../images/image-header.ts';
import { otherFormat } from '../images/other-formats.ts';

export interface FileKind {
  readonly id: 'image' | 'zip' | 'session' | 'safetensors' | 'json' | 'part of a model' | 'other';
  /** With its article: it follows “is”. */
  readonly name: string;
  /** Where it belongs, or what to do with it: a whole sentence. */
  readonly goes: string;
}

/** So many bytes from the beginning of a file are enough to tell. */
export const headBytes = 512;

const begins = (bytes: Uint8Array, start: string): boolean =>
  bytes.length >= start.length && [...start].every((letter, i) => bytes[i] === letter.charCodeAt(0));

/** Files of a model folder that say nothing by themselves. */
const partNames =
  /^(config|generation_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|preprocessor_config|processor_config|chat_template|adapter_config|vocab|[\w.-]+\.index)\.json$|^(merges\.txt|tokenizer\.model|chat_template\.jinja|vocab\.txt)$/i;

const convert =
  'The studio reads .safetensors: take the repository that it was made from, or convert it to safetensors with transformers (save_pretrained).';

/** @param head its first `headBytes` bytes, or all of them @param name as it is called, without its folder */
export function fileKind(name: string, head: Uint8Array): FileKind {
  const other = (what: string, goes: string): FileKind => ({ id: 'other', name: what, goes });
  const lower = name.toLowerCase();
  if (head.length === 0) return other('empty', 'Look whether it was copied or downloaded whole.');
  if (imageFormat(head))
    return {
      id: 'image',
      name: 'an image',
      goes: 'Choose it under “Try it” to ask about it, or under “Calibration images” to calibrate on it.',
    };
  if (begins(head, 'GGUF')) return other('a GGUF file, as llama.cpp reads it', convert);
  if (/\.(pt|pth|ckpt|bin)$/.test(lower))
    return other('a pickled or raw weights file, which can run code when it is opened', convert);
  if (begins(head, 'PK\x03\x04') && lower.endsWith('.frism'))
    return {
      id: 'session',
      name: 'a session of this studio',
      goes: 'Drop it on the page, or open it in the Export tab.',
    };
  if (begins(head, 'PK\x03\x04') || begins(head, 'PK\x05\x06'))
    return lower.endsWith('.npz')
      ? other('a numpy archive', convert)
      : { id: 'zip', name: 'a zip archive', goes: 'Unpack it, and drop the folder that is in it.' };
  if (
    begins(head, '\x1f\x8b') ||
    begins(head, '7z\xbc\xaf') ||
    begins(head, 'Rar!') ||
    lower.endsWith('.tar')
  )
    return other('an archive', 'Unpack it, and drop the folder that is in it.');
  if (begins(head, '\x89HDF')) return other('an HDF5 file, as Keras writes weights', convert);
  if (lower.endsWith('.onnx')) return other('an ONNX model', convert);
  if (begins(head, '\x93NUMPY')) return other('a numpy array', convert);
  if (lower.endsWith('.safetensors'))
    return {
      id: 'safetensors',
      name: 'a weights file by itself',
      goes: 'Drop the whole folder that it belongs to, with its config.json, or choose the folder under “Open models”.',
    };
  if (partNames.test(name))
    return {
      id: 'part of a model',
      name: 'one file of a model folder',
      goes: 'Drop the whole folder that it belongs to, or choose the folder under “Open models”.',
    };
  const known = otherFormat(head);
  if (known) return other(known.name, known.help);
  if (/^\s*[{[]/.test(String.fromCharCode(...head.subarray(0, 64))))
    return { id: 'json', name: 'a JSON file', goes: 'A recipe of this studio is named recipe.json.' };
  if (isText(head))
    return other(
      'a text',
      'Questions and text prompts are pasted under “Calibration images”, a question to ask under “Try it”.',
    );
  return other(
    'a file of a kind that the studio does not know',
    'Drop a recipe, an image or a model folder.',
  );
}

/** UTF-8 without control characters. A character may be cut at the end of the head. */
function isText(head: Uint8Array): boolean {
  for (let cut = 0; cut < Math.min(4, head.length); cut++) {
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(head.subarray(0, head.length - cut));
      return ![...text].some((letter) => letter < ' ' && !'\t\n\r\f'.includes(letter));
    } catch {
      // One byte less may end with a whole character.
    }
  }
  return false;
}
