import { expect, test } from 'vitest'
import { conformancePage } from './page.ts'
import { resultsIn } from './results.ts'

const assertion = (engine: string, title: string, status = 'passed') => ({ ancestorTitles: [engine, 'a job that ends'], title, status })
const report = (...assertionResults: readonly object[]) => ({ testResults: [{ assertionResults }] })

test('only what the engine suite asked counts, by engine', () => {
  const found = resultsIn(report(assertion('engine docker', 'is seen'), assertion('engine docker', 'is kept', 'failed'), assertion('something else', 'x')))
  expect(found).toEqual({
    docker: [
      { group: 'a job that ends', title: 'is seen', passed: true },
      { group: 'a job that ends', title: 'is kept', passed: false },
    ],
  })
})

test('a report that is none says nothing of any engine', () => {
  expect(resultsIn(undefined)).toEqual({})
})

test('the page has a row for each behaviour: done, not done, not asked', () => {
  const one = { group: 'a job that ends', title: 'with a | in it', passed: true }
  const page = conformancePage({ memory: [], docker: [{ ...one, passed: false }], kubernetes: [one] })
  expect(page).toContain('## A job that ends\n\n|  | memory | docker | kubernetes |')
  expect(page).toContain('| with a \\| in it | – | ✗ | ✓ |')
})
