/** Loaded first by the npm scripts: stops with one sentence where Node is too old to read the TypeScript that follows. */
// The global, not an import, which would load all that Node has behind its getters: 7 MB that the server would keep.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(
    `Rill needs Node 24.15 or newer and this is ${process.versions.node}: run "npm ci" ` +
      '(on Linux it brings the right Node), or install Node 24.\n',
  );
  process.exit(1);
}
