import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { type ArchiveEntry, dockerArchive, type ImageSettings, type TestImage, tarOf } from './archive.ts'
import { type BusyboxOptions, staticBusybox } from './busybox.ts'

/** The images that tests and the demo run. All hold busybox with all its applets, and differ in their settings. */
const TEST_IMAGES = {
  /** A shell: no ENTRYPOINT, CMD is `sh`. */
  busybox: { name: 'localhost/davit/busybox:1', settings: { Cmd: ['sh'] } },
  /** Says what it was started with: ENTRYPOINT, CMD, USER and WORKDIR are all set. */
  entrypoint: {
    name: 'localhost/davit/entrypoint:1',
    settings: { Entrypoint: ['echo', 'entrypoint'], Cmd: ['cmd'], User: '65534:65534', WorkingDir: '/tmp' },
  },
  /** Says hello and ends, as the image of that name does. */
  hello: { name: 'hello-world:latest', settings: { Entrypoint: ['echo', 'Hello from Docker!'] } },
  /** Answers on port 8501, under the name of the image with which DigitalHub's documentation shows services. */
  streamlit: { name: 'ghcr.io/scc-digitalhub/digitalhub-core-streamlit:latest', settings: { Entrypoint: ['httpd', '-f', '-p', '8501', '-h', '/www'] } },
} as const satisfies Record<string, { name: string; settings: ImageSettings }>
export type TestImageKind = keyof typeof TEST_IMAGES

/** What an image is called, without making it. */
export const testImageName = (kind: TestImageKind = 'busybox'): string => TEST_IMAGES[kind].name

/** Makes a test image from nothing but a static busybox: no registry, no engine. About 2 MB and 0.1 s. */
export async function buildTestImage(kind: TestImageKind = 'busybox', options: BusyboxOptions = {}): Promise<TestImage> {
  const { name, settings } = TEST_IMAGES[kind]
  return dockerArchive(name, await busyboxLayer(await staticBusybox(options)), settings)
}

async function busyboxLayer(binary: string): Promise<Buffer> {
  const { stdout } = await promisify(execFile)(binary, ['--list'])
  const applets = stdout
    .trim()
    .split('\n')
    .filter((applet) => applet !== 'busybox')
  const folders: ArchiveEntry[] = [{ name: 'bin/' }, { name: 'etc/' }, { name: 'tmp/', mode: 0o1777 }, { name: 'root/' }, { name: 'www/' }]
  const files: ArchiveEntry[] = [
    { name: 'bin/busybox', mode: 0o755, body: await readFile(binary) },
    { name: 'etc/passwd', body: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' },
    { name: 'etc/group', body: 'root:x:0:\nnogroup:x:65534:\n' },
    { name: 'www/index.html', body: '<h1>It runs.</h1>\n' },
  ]
  return tarOf([...folders, ...files, ...applets.map((applet) => ({ name: `bin/${applet}`, linkname: 'busybox' }))])
}
