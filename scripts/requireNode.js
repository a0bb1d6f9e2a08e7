/**
 * Loaded first by what is started here: continues when this Node is new enough for what follows, else says in one
 * sentence what to do. Any Node from 18 on can read it.
 */
// The global, not an import, which would load all that Node has behind its getters: 7 MB that the server would keep.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 16)) {
  process.stderr.write(
    `Rill needs Node 24.16 or newer and this is ${process.versions.node}: run "npm ci" ` +
      '(on Linux it brings the right Node for npm\'s scripts, such as "npm start"), or install Node 24.\n',
  );
  process.exit(1);
}
