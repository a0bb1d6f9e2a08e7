import { expect, it } from 'vitest';
import { exampleProject } from '../../chat/chatTestBench.ts';
import { toChange, toFields } from './projectForm.ts';

const project = {
  ...exampleProject,
  systemPrompt: 'Be brief.',
  defaultModel: 'demo/quick',
  options: { temperature: 0.5, topP: 0.9, reasoning: { effort: 'low', maxTokens: 100 } } as const,
};

it('settings that are not edited stay as they are, also those that the form does not show', () => {
  expect(toChange(project, toFields(project))).toEqual({
    systemPrompt: 'Be brief.',
    defaultModel: 'demo/quick',
    options: project.options,
    timeouts: null,
  });
});

it('settings that are emptied are left to the server', () => {
  const fields = { ...toFields(exampleProject), instructions: ' ' };
  expect(toChange({ ...project, options: { temperature: 1 } }, fields)).toEqual({
    systemPrompt: null,
    defaultModel: null,
    options: null,
    timeouts: null,
  });
});

it('a temperature of 0 is kept, because it means something', () => {
  const fields = toFields(exampleProject);
  fields.parameters.temperature = 0;
  fields.parameters.effort = 'high';
  expect(toChange(exampleProject, fields).options).toEqual({ temperature: 0, reasoning: { effort: 'high' } });
});
