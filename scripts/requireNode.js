/**
 * Loaded first by every script that is started here: continues if this Node is new enough, else prints one sentence of
 * advice. Any Node from 18 on can parse it.
 */
// The global, not an import: that would run all getters of the module, which load 7 MB that the server would keep.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 16)) {
  process.stderr.write(
    `Rill needs Node 24.16 or newer and this is ${process.versions.node}: run "npm ci" ` +
      '(on Linux it brings the right Node for npm\'s scripts, such as "npm start"), or install Node 24.\n',
  );
  process.exit(1);
}
