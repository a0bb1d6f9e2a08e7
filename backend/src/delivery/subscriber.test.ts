import { jsonLinesFormat, rillFormat } from '../../test/streamFormats.ts';
import { describeSubscriber } from '../../test/subscriberContract.ts';

describeSubscriber("a subscriber in Rill's own format", rillFormat);
describeSubscriber('a subscriber in lines of JSON', jsonLinesFormat);
