import { describe, expect, test } from 'vitest'
import type { WorkloadVolume } from '#domain/workload.ts'
import type { Subject } from './subject.ts'

export const volumeOf = (wanted: Pick<WorkloadVolume, 'type' | 'name' | 'mountPath'> & Partial<WorkloadVolume>): WorkloadVolume => ({
  sizeBytes: undefined,
  medium: undefined,
  claimName: undefined,
  existing: wanted.type === 'shared_volume',
  storageClass: undefined,
  accessMode: undefined,
  image: undefined,
  subPath: undefined,
  readOnly: false,
  items: {},
  secretName: undefined,
  ...wanted,
})

/** What a container executes, and what it finds around it. */
export const commandCases = (on: () => Subject): void => {
  describe('command and args mean what they mean on Kubernetes', () => {
    const image = (): { image: string } => ({ image: on().images.entrypoint })
    test('neither: the image decides', async () => expect((await on().run(on().workload(image()))).text).toBe('entrypoint cmd\n'))
    test('args replace CMD', async () => expect((await on().run(on().workload({ ...image(), args: ['a', 'b'] }))).text).toBe('entrypoint a b\n'))
    test('command replaces ENTRYPOINT and drops CMD', async () =>
      expect((await on().run(on().workload({ ...image(), command: ['echo', 'mine'] }))).text).toBe('mine\n'))
    test('both replace both', async () => expect((await on().run(on().workload({ ...image(), command: ['echo'], args: ['x'] }))).text).toBe('x\n'))
    test('empty lists count as absent', async () =>
      expect((await on().run(on().workload({ ...image(), command: [], args: [] }))).text).toBe('entrypoint cmd\n'))
    test('words arrive as they are: quotes, line ends, spaces, dollars, nothing at all', async () => {
      const words = ['it\'s "quoted"', 'two\nlines', '  spaces  ', '$HOME `x`', 'ünï→', 'end']
      expect((await on().run(on().workload({ command: ['echo'], args: words }))).text).toBe(`${words.join(' ')}\n`)
    })
  })
  describe('environment and files', () => {
    test('values keep =, Unicode and line ends', async () => {
      const env = [
        { name: 'EQUALS', value: 'a=b=c' },
        { name: 'WORDS', value: 'grüße, 世界 🚢' },
        { name: 'LINES', value: 'one\ntwo' },
        { name: 'EMPTY', value: '' },
      ]
      const { text } = await on().run(on().script('echo "$EQUALS"; echo "$WORDS"; echo "$LINES"; echo "$EMPTY"', { env }))
      expect(text).toBe('a=b=c\ngrüße, 世界 🚢\none\ntwo\n\n')
    })
    test('a secret becomes a variable', async () => {
      expect((await on().run(on().script('echo "$TOKEN"', { secretNames: ['TOKEN'] }), { TOKEN: 's=3 cret' })).text).toBe('s=3 cret\n')
    })
    test('a config_map becomes files, and a secret volume a file', async () => {
      const volumes = [
        volumeOf({ type: 'config_map', name: 'conf', mountPath: '/etc/app', items: { 'app.ini': 'a=1\n', 'naïve.txt': 'ünï\n' } }),
        volumeOf({ type: 'secret', name: 'token', mountPath: '/run/secrets', secretName: 'TOKEN' }),
      ]
      const { text } = await on().run(on().script("cat /etc/app/app.ini; cat '/etc/app/naïve.txt'; cat /run/secrets/TOKEN", { volumes }), {
        TOKEN: 'from a file',
      })
      expect(text).toBe('a=1\nünï\nfrom a file')
    })
  })
}
