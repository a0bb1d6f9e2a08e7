/** `npm run scaling`: computes the table of docs/scaling.md from docs/benchmarks, and writes it there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { docsPath, readFigures, scalingText, withScalingText } from './scalingText.ts';

const text = scalingText(readFigures());
writeFileSync(docsPath, withScalingText(readFileSync(docsPath, 'utf8'), text));
process.stdout.write(`${text}\n`);
