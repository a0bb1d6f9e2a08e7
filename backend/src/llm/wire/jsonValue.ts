/** Reads JSON of the provider with a check of every type: a value of the wrong type counts as absent. */

import { isJsonObject, type JsonObject } from '@rill/protocol';
import { parseBoundedJson } from './boundedJson.ts';

/** The value of the text; undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch {
    // Text that is not JSON, or too much JSON, is expected here; the caller counts or reports it.
    return undefined;
  }
}

/** The object of the text; null when it is not JSON or not an object. */
export function parseJsonObject(text: string): JsonObject | null {
  const value = parseJson(text);
  return isJsonObject(value) ? value : null;
}

/** Deepest nesting of a value that is kept unchanged: a deeper one could not be serialized again. */
const maxDepth = 64;

/** True for a value that can be kept unchanged. O(size). */
export function isShallow(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= maxDepth) return false;
  return Object.values(value).every((member) => isShallow(member, depth + 1));
}

/** `value` if it is an object, else an object without members. */
export function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** `value` if it is an array, else an empty one. */
export function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `value` if it is an array, else a list of it alone; nothing for null. */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

/** `value` if it is a string that is not empty, else null. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** `value` as a finite number, also from a string; else null. */
export function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}
