/** Loaded into a node: every tenth part of the text that the provider sends is taken twice. */
import { EventBuffer } from '../../../../backend/src/runs/execute/eventBuffer.ts';

const one = 10;
const taken = { count: 0 };
const addText = EventBuffer.prototype.addText;

EventBuffer.prototype.addText = function (channel, text) {
  taken.count += 1;
  return addText.call(this, channel, taken.count % one === 0 ? text + text : text);
};
