/**
 * Turns the settings of a project into the fields of a form and back. Settings that the form does not show stay as they
 * are.
 */
import type { Project, UpdateProject } from '@rill/protocol';
import { type ParameterFields, toParameterFields, toParameters } from '../models/parameterForm.ts';

export interface ProjectFields {
  instructions: string;
  model: string;
  parameters: ParameterFields;
}

const parametersOf = ({ options, timeouts }: Project) => ({
  ...(options && { options }),
  ...(timeouts && { timeouts }),
});

export function toFields(project: Project): ProjectFields {
  return {
    instructions: project.systemPrompt ?? '',
    model: project.defaultModel ?? '',
    parameters: toParameterFields(parametersOf(project)),
  };
}

/** The change that makes the project as the fields say. */
export function toChange(project: Project, fields: ProjectFields): UpdateProject {
  const { options = null, timeouts = null } = toParameters(parametersOf(project), fields.parameters);
  return {
    systemPrompt: fields.instructions.trim() === '' ? null : fields.instructions,
    defaultModel: fields.model.trim() === '' ? null : fields.model.trim(),
    options,
    timeouts,
  };
}
