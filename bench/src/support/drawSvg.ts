/** Turns a Vega-Lite specification into the text of an SVG, without browser or canvas. */
import { None, parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

export async function drawSvg(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none', logLevel: None });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}
