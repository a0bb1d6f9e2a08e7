/** The version of the product, as the package says. */
import packageJson from '../package.json' with { type: 'json' };

export const version: string = packageJson.version;
