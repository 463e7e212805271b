import { expect, test } from 'vitest'
import { SDK_FOLDERS, SDK_LINES, sdkLines, sdkSentences } from '../support/sdk-lines.ts'
import { readResults, readTable, renderTable } from '../support/sdk-table.ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

test('the page docs/sdk-lines.md is made from the results of the last run', () => {
  expect(readTable()).toBe(renderTable(readResults()))
})

test.each(SDK_FOLDERS)('every check of %s has a result in every line, and none has failed', (folder) => {
  const sentences = sdkSentences(folder)
  expect(new Set(sentences).size).toBe(sentences.length)
  for (const line of sdkLines) {
    const results = readResults()[folder][line]
    expect(results?.map(({ sentence }) => sentence)).toEqual(sentences)
    expect(results?.filter(({ result }) => result === 'failed')).toEqual([])
  }
})

test('packages are pinned by version and hash, without an address to fetch them from', () => {
  for (const line of sdkLines) {
    const text = ['common.txt', `sdk-${line}.txt`].map((file) => readFileSync(join(import.meta.dirname, 'requirements', file), 'utf8')).join('\n')
    expect(text).toContain(`digitalhub==${SDK_LINES[line].digitalhub} `)
    expect(text).toContain(`digitalhub-runtime-container==${SDK_LINES[line].plugin} `)
    expect(text).not.toMatch(/https?:|index-url|find-links/)
    for (const pinned of text.split(/\n(?=[a-z0-9])/).filter((block) => block.includes('=='))) expect(pinned).toMatch(/--hash=sha256:[0-9a-f]{64}/)
  }
})
