/** Turns the settings of a project into the fields of a form and back. What the form does not show stays as it is. */
import type { GenerationOptions, Project, UpdateProject } from '@rill/protocol';

export const reasoningEfforts = ['none', 'low', 'medium', 'high'] as const;
export type ReasoningEffort = (typeof reasoningEfforts)[number];

export interface ProjectFields {
  instructions: string;
  model: string;
  /** Null where the field is empty. */
  temperature: number | null;
  maxTokens: number | null;
  /** '' leaves it to the model. */
  effort: string;
}

export function toFields({ systemPrompt, defaultModel, options }: Project): ProjectFields {
  return {
    instructions: systemPrompt ?? '',
    model: defaultModel ?? '',
    temperature: options?.temperature ?? null,
    maxTokens: options?.maxTokens ?? null,
    effort: options?.reasoning?.effort ?? '',
  };
}

/** The change that makes the project as the fields say. */
export function toChange(project: Project, fields: ProjectFields): UpdateProject {
  const { temperature: _t, maxTokens: _m, reasoning, ...rest } = project.options ?? {};
  const { effort: _effort, ...otherReasoning } = reasoning ?? {};
  const effort = reasoningEfforts.find((each) => each === fields.effort) ?? null;
  const newReasoning = { ...otherReasoning, ...(effort && { effort }) };
  const options: GenerationOptions = {
    ...rest,
    ...(fields.temperature !== null && { temperature: fields.temperature }),
    ...(fields.maxTokens !== null && { maxTokens: fields.maxTokens }),
    ...(Object.keys(newReasoning).length > 0 && { reasoning: newReasoning }),
  };
  return {
    systemPrompt: fields.instructions.trim() === '' ? null : fields.instructions,
    defaultModel: fields.model.trim() === '' ? null : fields.model.trim(),
    options: Object.keys(options).length > 0 ? options : null,
  };
}
