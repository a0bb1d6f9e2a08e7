import { describe, expect, it } from 'vitest';
import { PromptRequest } from './promptRequest.svelte.ts';

const typed = (value: string) => ({ value, selectionStart: value.length });
const asked = () => {
  const request = new PromptRequest();
  request.ask(4);
  return request;
};

describe('an Enter before the list of prompts is loaded', () => {
  it('is kept for it, once', () => {
    const request = asked();
    expect(request.keepEnter(typed('Hey /tr'))).toBe(true);
    expect(request.takeEnter('tr')).toBe(true);
    expect(request.takeEnter('tr')).toBe(false);
  });

  it('is dropped when something else was typed since', () => {
    const request = asked();
    request.keepEnter(typed('Hey /tr'));
    expect(request.takeEnter('translate')).toBe(false);
  });

  it.each(['Hey /tr and more', 'Hey /usr/bin', 'Hey', 'Hey you'])('means the message in “%s”', (value) => {
    expect(asked().keepEnter(typed(value))).toBe(false);
  });

  it('is meant for the message once the list is loaded, or cannot be', () => {
    const request = asked();
    request.keepEnter(typed('Hey /tr'));
    request.end();
    expect(request.keepEnter(typed('Hey /tr'))).toBe(false);
    request.ask(4);
    expect(request.takeEnter('tr')).toBe(false);
    expect(request.keepEnter(typed('Hey /tr'))).toBe(false);
  });
});

describe('a list of prompts that is loading', () => {
  it.each(['Hey /', 'Hey /tr'])('stays requested in “%s”', (value) => {
    const request = asked();
    request.follow(typed(value));
    expect(request.at).toBe(4);
  });

  it.each(['Hey ', 'Hey /tr and', 'Hey /usr/'])('is no longer requested in “%s”', (value) => {
    const request = asked();
    request.follow(typed(value));
    expect(request.at).toBeNull();
  });
});
