/** Reuses the previous objects of a list where they are unchanged, so that their views are not drawn again. */

/** `next`, with the object of `known` in place of each that has the same key and the same content. */
export function keepSame<Item extends object>(
  known: readonly Item[],
  next: readonly Item[],
  keyOf: (item: Item) => string,
): readonly Item[] {
  if (known.length === 0) return next;
  const byKey = new Map(known.map((item) => [keyOf(item), item]));
  return next.map((item) => {
    const before = byKey.get(keyOf(item));
    return before && isSame(before, item) ? before : item;
  });
}

/** Compares plain data of any depth; any other object equals only itself. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  if (!isPlain(one) || !isPlain(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
