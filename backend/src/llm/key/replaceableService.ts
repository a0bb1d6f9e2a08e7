/**
 * Passes each call to the service that is current when the call begins. A call ends at the service where it began, so a
 * new key takes effect at once and interrupts no answer.
 */
import type { LlmService } from '../llmService.ts';

export interface ReplaceableService extends LlmService {
  /** Later calls go to this service. */
  replace(service: LlmService): void;
}

export function createReplaceableService(first: LlmService): ReplaceableService {
  let current = first;
  // Idle services lose their sockets after a few seconds, so earlier ones are closed only with the process.
  const all = [first];
  return {
    replace(service) {
      all.push(service);
      current = service;
    },
    streamLLMResponse: (...call) => current.streamLLMResponse(...call),
    callLLM: (...call) => current.callLLM(...call),
    listModels: (...call) => current.listModels(...call),
    contextLengthOf: (model) => current.contextLengthOf(model),
    canLookUp: (generationId) => current.canLookUp(generationId),
    lookUpGeneration: (...call) => current.lookUpGeneration(...call),
    async close() {
      await Promise.all(all.map((service) => service.close()));
    },
  };
}
