/** Sums the shallow sizes of a heap snapshot by constructor, and subtracts one sum from another. */

export interface Held {
  readonly name: string;
  readonly bytes: number;
  readonly count: number;
}

/** V8's format: the nodes are one list of numbers, in which each node has the fields that `meta` lists. */
export interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly (string | readonly string[])[];
    };
  };
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

/** Kinds of nodes whose name is a constructor; other kinds have other texts as names. */
const named = new Set(['object', 'native']);

export function heldByConstructor({ snapshot, nodes, strings }: HeapSnapshot): Map<string, Held> {
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [typeAt, nameAt, sizeAt] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field)) as [
    number,
    number,
    number,
  ];
  const kinds = types[typeAt] ?? [];
  const sums = new Map<string, Held>();
  for (let start = 0; start < nodes.length; start += fields.length) {
    const kind = kinds[nodes[start + typeAt] ?? 0] ?? '';
    const name = named.has(kind) ? (strings[nodes[start + nameAt] ?? 0] ?? '') : `(${kind})`;
    const sum = sums.get(name) ?? { name, bytes: 0, count: 0 };
    sums.set(name, { name, bytes: sum.bytes + (nodes[start + sizeAt] ?? 0), count: sum.count + 1 });
  }
  return sums;
}

/** What `after` has more than `before`, largest first. */
export function heldMore(before: ReadonlyMap<string, Held>, after: ReadonlyMap<string, Held>): Held[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  const nothing = { bytes: 0, count: 0 };
  const more = [...names].map((name) => {
    const [was, is] = [before.get(name) ?? nothing, after.get(name) ?? nothing];
    return { name, bytes: is.bytes - was.bytes, count: is.count - was.count };
  });
  return more.filter(({ bytes }) => bytes !== 0).toSorted((first, second) => second.bytes - first.bytes);
}
