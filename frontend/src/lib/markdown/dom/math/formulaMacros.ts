/**
 * Holds the macros that a formula defines, and bounds the size of their expansion: KaTeX counts the uses of a macro,
 * but not how much each use writes.
 */

/** Most tokens that the macros of one formula may write together. */
const maxWrittenTokens = 2000;

/** KaTeX's entry for `\def` and similar commands; the body is in reverse order. */
interface Definition {
  readonly tokens: readonly unknown[];
  readonly numArgs: number;
  readonly delimiters?: unknown;
}

/** The argument that KaTeX passes to a macro that is a function. */
interface Expander {
  consumeArgs(count: number, delimiters?: unknown): unknown[][];
}

/** An object for KaTeX's option `macros`. Throws when the macros write too much. */
export function createFormulaMacros(): object {
  let written = 0;
  const bounded = (definition: Definition) => (expander: Expander) => {
    const { tokens, numArgs, delimiters } = definition;
    const args = expander.consumeArgs(numArgs, delimiters);
    const expansion = numArgs === 0 ? [...tokens] : withArguments(tokens, args, maxWrittenTokens - written);
    written += expansion.length;
    if (written > maxWrittenTokens) throw new RangeError('the macros of a formula write too much');
    return { tokens: expansion, numArgs: 0 };
  };
  return new Proxy(Object.create(Object.prototype), {
    set(target, name, value) {
      return Reflect.set(target, name, isDefinition(value) ? bounded(value) : value);
    },
    defineProperty(target, name, { value }) {
      return Reflect.defineProperty(target, name, {
        value: isDefinition(value) ? bounded(value) : value,
        configurable: true,
        enumerable: true,
        writable: true,
      });
    },
  });
}

/** True for a definition that can be expanded. `\let` can make a name for a command that cannot. */
function isDefinition(value: unknown): value is Definition {
  return (
    typeof value === 'object' &&
    value !== null &&
    'tokens' in value &&
    Array.isArray(value.tokens) &&
    'numArgs' in value &&
    typeof value.numArgs === 'number' &&
    !('unexpandable' in value && value.unexpandable === true)
  );
}

/** `body` with each placeholder replaced. KaTeX keeps bodies and arguments in reverse, so it is read from its end. */
function withArguments(body: readonly unknown[], args: readonly unknown[][], limit: number): unknown[] {
  const written: unknown[] = [];
  for (let index = body.length - 1; index >= 0; index -= 1) {
    if (textOf(body[index]) !== '#') {
      written.push(body[index]);
    } else {
      index -= 1;
      const name = textOf(body[index]);
      const argument = name === '#' ? [body[index]] : args[Number(name) - 1];
      if (!argument) throw new SyntaxError('a macro of a formula names an argument that it has not');
      for (const token of argument.toReversed()) written.push(token);
    }
    if (written.length > limit) throw new RangeError('the macros of a formula write too much');
  }
  return written.reverse();
}

function textOf(token: unknown): string {
  return typeof token === 'object' && token !== null && 'text' in token ? String(token.text) : '';
}
