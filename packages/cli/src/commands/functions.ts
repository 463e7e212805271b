import { command } from '#runner/command.ts'
import { text } from '#runner/option.ts'
import { functionView } from '#views/function-view.ts'

export const functions = command({
  name: 'functions',
  group: 'look',
  summary: 'List functions, or all versions of one',
  options: { versions: text('--versions <name>', 'All versions of that function, newest first') },
  run: async ({ client, out, signal, project, input }) => {
    const { versions: name } = input
    const found = name === undefined ? client.functions.list(project, { size: 1000 }, { signal }) : client.functions.versions(project, name, { signal })
    return out.list(functionView, await found.all(), `No functions in project ${project}; \`davit run\` makes one.`)
  },
})
