/** Loaded into a node: what it appends to the log is shown two seconds before it is sent to the database. */
import { AppendLane } from '../../../../backend/src/log/postgres/appendLane.ts';

const lateMs = 2000;
const add = AppendLane.prototype.add;

AppendLane.prototype.add = function (append) {
  const unheard = { ...append, resolve: () => undefined, reject: () => undefined };
  setTimeout(() => add.call(this, unheard), lateMs);
  append.resolve();
};
