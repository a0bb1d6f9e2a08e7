/** Tells whether the server would refuse a name because nothing of it can be seen. */
import { cleanName } from '@rill/protocol';

export const isBlankName = (name: string): boolean => cleanName(name) === '';
