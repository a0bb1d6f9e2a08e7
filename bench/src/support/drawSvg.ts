/** A Vega-Lite specification to the text of an SVG; no browser and no canvas. */
import { None, parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

export async function drawSvg(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none', logLevel: None });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}
